import { hostname } from 'node:os';
import type { Config } from '../config';
import { gatewayMember } from './gateway-cluster';

/**
 * The name under which a gateway holds leases and makes tries: its own among all that share the port or the database,
 * and the same after a restart, so that what the process before held comes back to it at once.
 */
export function gatewayName(config: Pick<Config, 'gateway'>): string {
  const member = gatewayMember();
  return [hostname(), config.gateway.port, ...(member === undefined ? [] : [member])].join('-');
}
