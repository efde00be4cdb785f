import type { Client } from '@temporalio/client';
import type { WorkerDeploymentOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { inTime } from '../../drivers/timing/in-time';
import type { Config } from '../config';
import { ownVersion } from '../own-version';

/** A build of the control worker, as Temporal knows it. */
export interface WorkerVersion {
  readonly deploymentName: string;
  readonly buildId: string;
}

/** Values of Temporal's `WorkerDeploymentVersionStatus`. */
const NEVER_CURRENT = [0, 1];
const CURRENT = 2;
const POLL_MS = 500;
/** A server that says nothing for so long is not waited for: nothing goes on without it. */
const SILENCE_MS = 10_000;

/** The build that this process says it is; null where versioning is off. */
export function workerVersion({ temporal }: Pick<Config, 'temporal'>, env = process.env): WorkerVersion | null {
  const { enabled, deployment, buildId } = temporal.versioning;
  return enabled ? { deploymentName: deployment, buildId: buildId ?? ownBuildId(env) } : null;
}

/** `0.1.0`, or `0.1.0-1a2b3c4d5e6f` where the commit is known. */
function ownBuildId(env: NodeJS.ProcessEnv): string {
  const { version, commit } = ownVersion(env);
  const short = (commit ?? '').replace(/\W/g, '').slice(0, 12);
  return short === '' ? version : `${version}-${short}`;
}

/** Workflows stay with the build that they began with, unless they say otherwise themselves. */
export function deploymentOptions(version: WorkerVersion | null): {
  workerDeploymentOptions?: WorkerDeploymentOptions;
} {
  if (!version) return {};
  return { workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' } };
}

/** One build's life on a server: it becomes the current one, another takes its place, its last workflows end. */
export class VersionLife {
  readonly #stop = new AbortController();

  constructor(
    private readonly client: Client,
    private readonly namespace: string,
    private readonly version: WorkerVersion,
    private readonly log: Logger,
  ) {}

  /**
   * Makes the build the current one as soon as the server has seen a worker of it. One that was current before is left as it
   * is: a worker that is started anew in the middle of an upgrade must not undo it. Resolves when there is nothing to do.
   */
  async promote(): Promise<void> {
    const { deploymentName, buildId } = this.version;
    const { namespace } = this;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt++) {
      try {
        if (!NEVER_CURRENT.includes(await this.#status())) return;
        await this.client.workflowService.setWorkerDeploymentCurrentVersion({
          namespace,
          deploymentName,
          buildId,
          // A task queue that only an older build had, it keeps.
          ignoreMissingTaskQueues: true,
          identity: 'presage-control',
        });
        this.log.info({ event: 'control.promoted', ...this.version }, 'New workflows run on this build from now on');
        return;
      } catch (error) {
        // Until its first poll has arrived the server knows neither the deployment nor the build.
        if (attempt > 0 && attempt % 20 === 0)
          this.log.warn({ err: error, ...this.version }, 'This build could not be made the current one yet');
      }
      await pause();
    }
  }

  /**
   * Waits until no workflow runs that only this build may finish; at once where this build is the current one, since other workers
   * of it take over. @returns how many were left at the end of `graceMs`
   */
  async drain(graceMs: number): Promise<number> {
    this.#stop.abort();
    const end = performance.now() + graceMs;
    let heardAt = performance.now();
    let left = 0;
    let told = false;
    for (;;) {
      try {
        left = await inTime(this.#bound(), SILENCE_MS);
        if (left === 0) return 0;
        heardAt = performance.now();
        if (!told)
          this.log.info({ event: 'control.draining', left, ...this.version }, 'Workflows of this build end first');
        told = true;
      } catch (error) {
        this.log.warn({ err: error }, 'Temporal cannot be asked what runs on this build');
      }
      const now = performance.now();
      if (now >= end || now - heardAt >= SILENCE_MS) return left;
      await pause();
    }
  }

  /** Workflows that nobody else may finish. */
  async #bound(): Promise<number> {
    return (await this.#status()) === CURRENT ? 0 : this.#pinned();
  }

  async #status(): Promise<number> {
    const { workerDeploymentVersionInfo: info } = await this.client.workflowService.describeWorkerDeploymentVersion({
      namespace: this.namespace,
      deploymentVersion: this.version,
    });
    return info?.status ?? 0;
  }

  async #pinned(): Promise<number> {
    const { deploymentName, buildId } = this.version;
    const { count } = await this.client.workflow.count(
      `TemporalWorkerDeploymentVersion = '${deploymentName}:${buildId}' AND TemporalWorkflowVersioningBehavior = 'Pinned' AND ExecutionStatus = 'Running'`,
    );
    return count;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
