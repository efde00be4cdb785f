import { parseCron } from '../function/cron';
import { nextTick } from '../function/next-tick';
import { parseDuration } from '../function/quantity';

/** One of a manifest's `warmWindows`. */
export interface WarmWindow {
  /** When it opens, in `timeZone`. */
  readonly cron: string;
  readonly duration: string;
  readonly instances: number;
  readonly timeZone: string;
}

/**
 * Instances that the windows want: the most of those that are open, or will be within `aheadMs`, so that they are ready when
 * it opens. A window that opens again while it is open goes on.
 * @param now Unix milliseconds @throws PlatformError invalid_argument for a cron expression or a duration that is none
 */
export function instancesInWindows(windows: readonly WarmWindow[], now: number, aheadMs: number): number {
  let most = 0;
  for (const { cron, duration, instances, timeZone } of windows) {
    if (instances <= most) continue;
    const until = now + aheadMs;
    const opens = nextTick(parseCron(cron), timeZone, now - parseDuration(duration), until);
    if (opens !== null && opens <= until) most = instances;
  }
  return most;
}
