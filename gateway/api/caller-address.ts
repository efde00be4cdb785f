import type { IncomingMessage } from 'node:http';

/** Where a request came from. Only a proxy on this machine is believed about whom it speaks for. */
export function callerAddress(request: Pick<IncomingMessage, 'headers' | 'socket'>): string {
  const address = (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
  const forwarded = request.headers['x-forwarded-for'];
  if (!isLoopback(address) || typeof forwarded !== 'string') return address;
  const nearest = forwarded.split(',').at(-1)?.trim() ?? '';
  return /^[0-9a-fA-F.:]{2,45}$/.test(nearest) ? nearest : address;
}

/** @param address without the prefix of an IPv4 address in IPv6 form */
function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
