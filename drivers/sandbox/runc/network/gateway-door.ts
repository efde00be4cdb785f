import { isIPv4 } from 'node:net';

/** Where the gateway listens, as the host sees it. */
export interface GatewayListener {
  /** An IPv4 address of this machine. */
  readonly address: string;
  readonly port: number;
}

/**
 * What instances call instead. It is the same on every machine, at every port of the gateway and after every restart,
 * since a checkpoint remembers it; the packet filter translates it.
 */
export const DOOR = { address: '169.254.203.80', port: 80 } as const;

/** For functions: the door as a URL without a path. */
export const DOOR_URL = `http://${DOOR.address}`;

/**
 * The address by which a listener on `host` is reached from this machine; null where it is none of IPv4, which is all
 * that instances speak.
 */
export function listenerOn(host: string, port: number): GatewayListener | null {
  if (host === '0.0.0.0' || host === '::') return { address: '127.0.0.1', port };
  return isIPv4(host) ? { address: host, port } : null;
}
