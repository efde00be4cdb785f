import type { Manifest } from '../function/manifest';
import type { RunSpec } from '../function/run-spec';
import type { StartKind } from '../start/start';
import type { StartSeconds } from './prices';

/** Of instances of ours before any start was measured; cold by runtime, the last for what brings a root of its own. */
const WARM_SECONDS = 0.0027;
const RESTORE_SECONDS = 0.025;
const COLD_SECONDS = { nodejs: 0.1, python: 0.1, http: 0.3, oci: 1.2 };
/** So much of what was believed is given up for each start that is measured. */
const LEARNING_RATE = 0.2;
/** A start that took longer was held up by something else. */
const LONGEST_SECONDS = 60;

/** How long the starts of one function take, learned from those that callers waited for. */
export class StartTimes implements StartSeconds {
  warm: number;
  restore: number;
  cold: number;

  /** @param believed before any start was measured */
  constructor({ warm, restore, cold }: StartSeconds) {
    this.warm = warm;
    this.restore = restore;
    this.cold = cold;
  }

  /** Of a revision before any start of it was measured. */
  static of({
    codeKind,
    manifest,
  }: {
    readonly codeKind: RunSpec['codeKind'];
    readonly manifest: Manifest;
  }): StartTimes {
    const cold = COLD_SECONDS[codeKind === 'oci' ? 'oci' : manifest.spec.runtime];
    return new StartTimes({ warm: WARM_SECONDS, restore: RESTORE_SECONDS, cold });
  }

  /** @param seconds that a start of this kind took; what is no time at all is passed over, and so is a hot start */
  learn(kind: StartKind | null, seconds: number): void {
    if (kind === null || kind === 'hot' || !(seconds > 0) || seconds > LONGEST_SECONDS) return;
    this[kind] += LEARNING_RATE * (seconds - this[kind]);
  }
}
