import { textOf } from '../../harness/kernel-files';

/** The most memory that this process has held since its program began. `maxRSS` would begin with what its parent held. */
export function peakBytes(): number {
  const kib = /^VmHWM:\s*(\d+) kB$/m.exec(textOf('/proc/self/status'))?.[1];
  return Number(kib ?? Number.NaN) * 1_024;
}
