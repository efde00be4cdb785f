import type { Config } from './config';

/** Where a client on this machine reaches the gateway. */
export function gatewayUrl(config: Pick<Config, 'gateway'>): string {
  const { host, port } = config.gateway;
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
