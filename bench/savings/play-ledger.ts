import type { UnitPrices } from '../../core/cost/price-table';
import { policyOf } from '../../core/warming/policies/policy-of';
import { DEFAULT_PRICES, rungsOf } from '../../core/warming/prices';
import { tellSlots } from '../policy/slots/play-slots';
import { warmFunction, type PricedFunction } from '../policy/slots/slot-function';
import type { Scored } from '../policy/slots/slot-outcome';
import { LedgerTally, type LedgerOutcome } from './ledger-tally';
import type { SavingsFunction } from './savings-function';

/** Seconds of a thaw and of a restore as `npm run bench -- starts` measures them. */
export const [WARM_SECONDS, RESTORE_SECONDS] = [0.0027, 0.025] as const;
const GB = 1e9;

/** How a platform is set. */
export interface Setting {
  /** As `policyOf` takes it. */
  readonly policy: string;
  /** Limits in bytes, and whether there is a checkpoint, by the place of the function. */
  readonly memoryBytes: readonly number[];
  readonly checkpoints: readonly boolean[];
}

/**
 * Plays a setting over all functions, priced for the policy as the platform does it.
 * @returns by stretch, then by function
 */
export function playLedger(
  functions: readonly SavingsFunction[],
  { policy: name, memoryBytes, checkpoints }: Setting,
  scored: readonly Scored[],
  tables: readonly UnitPrices[],
): LedgerOutcome[][] {
  const policy = policyOf(name);
  const until = Math.max(...scored.map(({ to }) => to));
  const outcomes: LedgerOutcome[][] = scored.map(() => []);
  functions.forEach(({ slots, sealedBytes }, index) => {
    const bytes = memoryBytes[index] ?? 0;
    const hasCheckpoint = checkpoints[index] ?? false;
    const seconds = { warm: WARM_SECONDS, restore: RESTORE_SECONDS, cold: slots.coldSeconds };
    const rungs = rungsOf({ memoryGb: bytes / GB, hasCheckpoint }, DEFAULT_PRICES, seconds);
    const first = { ...warmFunction(slots), memoryGb: bytes / GB, rungs };
    const priced: PricedFunction = { first, further: first };
    const charged = {
      memoryBytes: bytes,
      sealedBytes: hasCheckpoint ? sealedBytes : 0,
      startSeconds: rungs.at(-1)?.delaySeconds ?? 0,
    };
    const tallies = scored.map((stretch) => new LedgerTally(charged, stretch, tables));
    tellSlots(slots, policy, priced, { tallies, until });
    tallies.forEach((tally, stretch) => outcomes[stretch]?.push(tally.outcome()));
  });
  return outcomes;
}
