import { PlatformError } from '../core/error/platform-error';
import type { ApiClient } from './api-client';
import type { DeploymentResource } from './api-resources';
import { pause } from './server-events';

/** Milliseconds between two looks; and how long a platform that is away meanwhile is forgiven. */
const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 1_000;
const AWAY_MS = 60_000;

/**
 * Looks at a deployment until it has ended, and tells each new step. A deployment goes on without us: a platform that is
 * restarted meanwhile is waited for.
 * @throws PlatformError start_timeout after `timeoutMs`
 */
export async function followDeployment(
  api: ApiClient,
  first: DeploymentResource,
  options: { timeoutMs: number; signal: AbortSignal; onStep: (step: string) => void },
): Promise<DeploymentResource> {
  const began = performance.now();
  let lastSeen = began;
  let wait = FIRST_LOOK_MS;
  let deployment = first;
  let told = '';
  for (;;) {
    if (deployment.step !== told) {
      told = deployment.step;
      wait = FIRST_LOOK_MS;
      if (deployment.state === 'running') options.onStep(told);
    }
    if (deployment.state !== 'running') return deployment;
    const now = performance.now();
    if (now - began > options.timeoutMs || options.signal.aborted) {
      throw new PlatformError('start_timeout', `${deployment.function} is still at "${told}"; the deployment goes on`, {
        hint: `Look at it in the Temporal UI as ${deployment.workflowId}, or wait longer with --timeout.`,
      });
    }
    await pause(wait, options.signal);
    wait = Math.min(wait * 1.5, LONGEST_LOOK_MS);
    try {
      deployment = await api.get<DeploymentResource>(`/v1/deployments/${encodeURIComponent(deployment.id)}`);
      lastSeen = performance.now();
    } catch (error) {
      const away = error instanceof PlatformError && error.code === 'unavailable';
      if (!away || performance.now() - lastSeen > AWAY_MS) throw error;
    }
  }
}
