import { PlatformError, type ErrorCode } from '../core/error/platform-error';
import type { CommandContext } from './command-context';
import { PatientLook } from './patient-look';
import { pause } from './server-events';

const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 1_000;

/** What goes on in the platform without us. */
export interface FollowOptions<T> {
  readonly path: string;
  /** As it is known already; it is not asked for again where it has ended. */
  readonly first?: T;
  readonly ended: (job: T) => boolean;
  /** The step under way. */
  readonly step: (job: T) => string;
  /** How long it may take; default: as long as it likes. Milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Looks at a job until it has ended, and tells each new step. A platform that is restarted meanwhile is waited for.
 * @returns the job as it was last seen: ended, unless the user has had enough or `timeoutMs` are over
 * @throws PlatformError what the platform answers
 */
export async function followJob<T>({ api, output, terminal }: CommandContext, options: FollowOptions<T>): Promise<T> {
  const { path, first, ended, step, timeoutMs = Infinity } = options;
  const look = new PatientLook(api);
  const progress = output.progress();
  const began = performance.now();
  try {
    let job = first ?? (await api.get<T>(path));
    for (let wait = FIRST_LOOK_MS; !ended(job); wait = Math.min(wait * 1.5, LONGEST_LOOK_MS)) {
      progress.step(step(job));
      if (terminal.stopped.aborted || performance.now() - began > timeoutMs) return job;
      await pause(wait, terminal.stopped);
      job = (await look.at<T>(path)) ?? job;
    }
    return job;
  } finally {
    progress.end();
  }
}

interface Case {
  readonly state: 'running' | 'done' | 'failed';
  readonly error: string | null;
}

/** A job that is done or failed. @throws PlatformError `code` with `failed` and the reason; start_timeout where the user left */
export async function followCase<T extends Case>(
  context: CommandContext,
  path: string,
  told: { step: string | ((job: T) => string); failed: string; code?: ErrorCode },
): Promise<T> {
  const { step, failed, code = 'internal' } = told;
  const job = await followJob<T>(context, {
    path,
    ended: ({ state }) => state !== 'running',
    step: (now) => (typeof step === 'string' ? step : step(now)),
  });
  if (job.state === 'done') return job;
  if (job.state === 'failed') throw new PlatformError(code, `${failed}: ${job.error ?? 'no reason is known'}`);
  throw new PlatformError('start_timeout', 'It goes on without being watched', { hint: `Its state is at ${path}.` });
}
