import type { Config } from './config';

/** Functions of this machine call a gateway that speaks TLS here: nobody else reaches it. */
export const INSIDE_HOST = '127.0.0.1';

/** Where functions of this machine call the gateway, without TLS. */
export function insideDoor({ gateway }: Pick<Config, 'gateway'>): { readonly host: string; readonly port: number } {
  const { host, port, tls } = gateway;
  return tls ? { host: INSIDE_HOST, port: tls.insidePort } : { host, port };
}

/** The same as a URL. */
export function insideUrl(config: Pick<Config, 'gateway'>): string {
  const { host, port } = insideDoor(config);
  return `http://${reachableAt(host)}:${port}`;
}

/** Where a client on this machine reaches the gateway. */
export function gatewayUrl(config: Pick<Config, 'gateway'>): string {
  const { host, port, tls } = config.gateway;
  return `${tls ? 'https' : 'http'}://${reachableAt(host)}:${port}`;
}

function reachableAt(host: string): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return reachable.includes(':') ? `[${reachable}]` : reachable;
}
