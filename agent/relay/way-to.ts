import { PlatformError } from '../../core/error/platform-error';
import type { Instance } from '../instance/instance';
import type { InstanceWay, RelayAddress } from '../rpc/instance-way';

/**
 * How a gateway reaches an instance: by its own endpoint where the gateway can open that, else by the relay.
 * @param near the gateway is on this machine
 * @param relay undefined: there is none, and everybody is given the endpoint
 */
export function wayTo({ id, endpoint }: Instance, near: boolean, relay: RelayAddress | undefined): InstanceWay {
  if (!endpoint) throw new PlatformError('internal', `Instance ${id} has no endpoint`);
  const anywhere = endpoint.kind === 'tcp' && !endpoint.hereOnly;
  return !relay || near || anywhere ? endpoint : { kind: 'relay', ...relay };
}
