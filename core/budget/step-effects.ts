import type { DegradeStep } from './budget-spec';
import { shareOf } from './share-of';

/** What a function costs an hour, and what of it each step could save. Amounts are picodollars; shares lie between 0 and 1. */
export interface FunctionSpend {
  /** Steps leave critical functions alone. */
  readonly critical: boolean;
  /** Of its calls: all of their components together. */
  readonly calls: bigint;
  /** Of these compute and memory, whose price hangs on the tier. */
  readonly tiered: bigint;
  /** Of what is held idle for it. */
  readonly warmth: bigint;
  /** Share of its warmth that the forecast asks for, beyond what is declared. */
  readonly predicted: number;
  /** Share of its other warmth that rests longer than the shortened keep-alive. */
  readonly overlong: number;
  /** Share of its tiered cost that the cheapest tier it may run on saves. */
  readonly cheaper: number;
  /** Share of its calls that one in flight at a time, in each gateway, leaves no room for. */
  readonly crowded: number;
}

/**
 * What each step saves an hour, in picodollars, if those before it are in force:
 *
 * - `drop-predictive-warmth`: warmth × the share that the forecast asks for;
 * - `shorten-keep-alive`: the warmth that is left × the share that rests longer than the shortened keep-alive;
 * - `cheaper-tier`: compute and memory × (1 − price of the cheapest tier ÷ price of the present ones);
 * - `queue`: what calls still cost × the share that one in flight at a time leaves no room for;
 * - `refuse`: all that calls and warmth still cost.
 */
export function stepEffects(
  steps: readonly DegradeStep[],
  functions: readonly FunctionSpend[],
): ReadonlyMap<DegradeStep, bigint> {
  const left = functions
    .filter(({ critical }) => !critical)
    .map((own) => ({ ...own, calls: own.calls, warmth: own.warmth }));
  return new Map(
    steps.map((step) => [
      step,
      left.reduce((saved, own) => {
        const [calls, warmth] = savedBy(step, own);
        own.calls -= calls;
        own.warmth -= warmth;
        return saved + calls + warmth;
      }, 0n),
    ]),
  );
}

/** Of calls, and of warmth. */
function savedBy(step: DegradeStep, own: FunctionSpend): readonly [bigint, bigint] {
  switch (step) {
    case 'drop-predictive-warmth':
      return [0n, shareOf(own.warmth, own.predicted)];
    case 'shorten-keep-alive':
      return [0n, shareOf(own.warmth, own.overlong)];
    case 'cheaper-tier': {
      const saved = shareOf(own.tiered, own.cheaper);
      return [saved < own.calls ? saved : own.calls, 0n];
    }
    case 'queue':
      return [shareOf(own.calls, own.crowded), 0n];
    case 'refuse':
      return [own.calls, own.warmth];
  }
}
