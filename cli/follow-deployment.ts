import { PlatformError } from '../core/error/platform-error';
import type { ApiClient } from './api-client';
import type { DeploymentResource } from './api-resources';
import { PatientLook } from './patient-look';
import { pause } from './server-events';

/** Milliseconds between two looks. */
const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 1_000;

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
  const look = new PatientLook(api);
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
    const path = `/v1/deployments/${encodeURIComponent(deployment.id)}`;
    deployment = (await look.at<DeploymentResource>(path)) ?? deployment;
  }
}
