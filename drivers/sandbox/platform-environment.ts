import type { RunSpec } from '../../core/function/run-spec';

/**
 * What the platform tells every function in its environment, whatever the driver. All of it is frozen into checkpoints,
 * so nothing here may change while a revision lives; a clone learns its own instance id with its first request.
 * @param gatewayUrl where the function reaches the gateway; null where it cannot
 */
export function platformEnvironment(id: string, run: RunSpec, gatewayUrl: string | null): Record<string, string> {
  return {
    PRESAGE_INSTANCE: id,
    PRESAGE_RUNTIME: run.runtime,
    PRESAGE_TENANT: run.tenant,
    PRESAGE_FUNCTION: run.function,
    PRESAGE_REVISION: String(run.revision),
    ...(run.handler === null ? {} : { PRESAGE_HANDLER: run.handler }),
    ...(gatewayUrl === null || run.network === 'none' ? {} : { PRESAGE_GATEWAY_URL: gatewayUrl }),
  };
}
