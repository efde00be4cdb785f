import { z } from 'zod';
import { PlatformError } from '../../core/error/platform-error';
import type { Endpoint } from '../../drivers/sandbox/sandbox';
import { checkInstance } from './check-instance';
import type { Instance } from './instance';
import { requestInstance } from './instance-request';

const HOOK_TIMEOUT_MS = 10_000;

/** Servers of one's own (runtime http) know nothing of our control requests. */
function understandsControl(instance: Instance): boolean {
  return instance.run.runtime !== 'http';
}

const freshSchema = z.object({ afterRestore: z.boolean() });

/**
 * Re-seeds a clone and runs the user's `afterRestore`. Gives whether there is such a hook, null where the runtime does
 * not say. @throws PlatformError restore_failed
 */
export async function freshenInstance(instance: Instance): Promise<boolean | null> {
  if (!understandsControl(instance)) return false;
  const answer = await control(instance, 'after-restore', 'restore_failed');
  try {
    return freshSchema.parse(JSON.parse(answer)).afterRestore;
  } catch {
    return null;
  }
}

/** Runs the user's `beforeCheckpoint`, closes idle connections and trims memory. @throws PlatformError checkpoint_failed */
export async function prepareForCheckpoint(instance: Instance): Promise<void> {
  if (understandsControl(instance)) await control(instance, 'before-checkpoint', 'checkpoint_failed');
}

/** Asks it whether it is well. @throws PlatformError handler_failed, function_timeout */
export async function pingInstance(instance: Instance, timeoutMs: number): Promise<void> {
  const path = understandsControl(instance) ? '/_presage/health' : instance.run.healthPath;
  // A server without a health check says by taking connections that it is there.
  const well =
    path === null || !instance.endpoint ? await checkInstance(instance) : await answers(instance.endpoint, path);
  if (!well) throw new PlatformError('handler_failed', `Instance ${instance.id} is not well`);

  async function answers(endpoint: Endpoint, from: string): Promise<boolean> {
    const { status } = await requestInstance(endpoint, { method: 'GET', path: from, timeoutMs });
    return status < 500;
  }
}

async function control(
  instance: Instance,
  what: string,
  code: 'restore_failed' | 'checkpoint_failed',
): Promise<string> {
  if (!instance.endpoint) throw new PlatformError(code, `Instance ${instance.id} has no endpoint`);
  const reply = await requestInstance(instance.endpoint, {
    method: 'POST',
    path: `/_presage/${what}`,
    headers: { 'x-presage-instance': instance.id },
    timeoutMs: HOOK_TIMEOUT_MS,
  }).catch((error: unknown) => {
    throw new PlatformError(code, `The function did not answer ${what}: ${String(error)}`, { cause: error });
  });
  if (reply.status !== 200) {
    throw new PlatformError(code, `The function answered ${what} with ${reply.status}: ${reply.body.slice(0, 500)}`);
  }
  return reply.body;
}
