import { fixed } from '../../../core/warming/policies/fixed';
import { greedyDual } from '../../../core/warming/policies/greedy-dual';
import { hybridHistogram } from '../../../core/warming/policies/hybrid-histogram';
import { none } from '../../../core/warming/policies/none';
import { oracle, type Future } from '../../../core/warming/policies/oracle';
import { presage } from '../../../core/warming/policies/presage';
import { seed } from '../../../core/warming/policies/seed';
import type { WarmingPolicy } from '../../../core/warming/warming-policy';
import { costWindow } from '../baselines/cost-window';
import { poolOnly } from '../baselines/pool-only';
import { pricedPerSecond, type Ladder } from '../ladder/ladder-prices';
import type { GeneratedFunction } from '../patterns/generate-counts';
import type { PolicyScore } from '../scores/policy-score';
import { pricedPerStart, type PricedFunction, type SlotFunction } from '../slots/slot-function';
import type { Scored } from '../slots/slot-outcome';

/** A policy as a thread is told of it. */
export type PolicySpec =
  | { readonly kind: 'none' | 'seed' | 'pool-only' | 'presage' }
  | { readonly kind: 'fixed'; readonly minutes: number }
  | { readonly kind: 'hybrid-histogram'; readonly minutes: number }
  | { readonly kind: 'greedy-dual'; readonly capacityGb: number }
  | { readonly kind: 'cost-window'; readonly prior: Float64Array }
  | { readonly kind: 'oracle'; readonly how: 'keep' | 'start' };

/** What calls that wait are worth: each start from nothing, or each second. */
export type Pricing =
  | { readonly per: 'start'; readonly gbSeconds: number }
  | { readonly per: 'second'; readonly gbSeconds: number; readonly ladder: Ladder | null };

/** One policy at one price. */
export interface Play {
  readonly policy: PolicySpec;
  readonly pricing: Pricing;
  /** What policies with pools are told of a minute: the mean of the ten before it, or itself. */
  readonly expect?: 'last-ten' | 'itself';
}

/** Plays over the functions of a set that all threads share, or over functions that are generated for it. */
export interface PlayJob {
  readonly functions:
    { readonly set: string; readonly every?: number } | { readonly generated: readonly GeneratedFunction[] };
  readonly plays: readonly Play[];
  readonly scored: readonly Scored[];
}

/** For each play, for each stretch that is scored. */
export type JobScores = readonly (readonly PolicyScore[])[];

export function policyFrom(spec: PolicySpec, functions: readonly SlotFunction[]): WarmingPolicy {
  switch (spec.kind) {
    case 'none':
      return none;
    case 'seed':
      return seed();
    case 'pool-only':
      return poolOnly();
    case 'presage':
      return presage;
    case 'fixed':
      return fixed(60 * spec.minutes);
    case 'hybrid-histogram':
      return hybridHistogram(spec.minutes);
    case 'greedy-dual':
      return greedyDual;
    case 'cost-window':
      return costWindow(spec.prior);
    case 'oracle':
      return oracle(futureOf(functions), spec.how);
  }
}

export function pricedBy(fn: SlotFunction, pricing: Pricing): PricedFunction {
  return pricing.per === 'start'
    ? pricedPerStart(fn, pricing.gbSeconds)
    : pricedPerSecond(fn, pricing.gbSeconds, pricing.ladder);
}

function futureOf(functions: readonly SlotFunction[]): Future {
  const slots = new Map(functions.map((fn) => [fn.id, fn.slots]));
  return (id, slot, after) => {
    const uses = slots.get(id)?.[slot]?.to ?? new Float64Array();
    let low = 0;
    let high = uses.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((uses[middle] as number) < after) low = middle + 1;
      else high = middle;
    }
    return uses[low] ?? Infinity;
  };
}
