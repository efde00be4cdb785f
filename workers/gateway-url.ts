import type { Config } from './config';

/** Where a client on this machine reaches the gateway. */
export function gatewayUrl(config: Pick<Config, 'gateway'>): string {
  const { host, port, tls } = config.gateway;
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${tls ? 'https' : 'http'}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
