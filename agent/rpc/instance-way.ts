import type { Endpoint } from '../../drivers/sandbox/sandbox';

/** The relay of an agent, by which gateways on other machines reach its instances. */
export interface RelayAddress {
  readonly host: string;
  readonly port: number;
}

/** How a gateway reaches an instance: directly where it can, else through the relay of the instance's agent. */
export type InstanceWay = Endpoint | ({ readonly kind: 'relay' } & RelayAddress);

/** The header of a CONNECT to a relay that says whose lease is used. */
export const GATEWAY_HEADER = 'presage-gateway';

/** What a CONNECT to a relay names: HTTP wants a port, which says nothing here. */
export function relayTarget(instanceId: string): string {
  return `${instanceId}:80`;
}

/** The instance that a CONNECT names; null where it names none. */
export function instanceOfTarget(target: string): string | null {
  return /^([A-Za-z0-9_-]{1,64}):80$/.exec(target)?.[1] ?? null;
}
