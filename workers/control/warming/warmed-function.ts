import type { RevisionRecord } from '../../../drivers/store/store';
import type { EndedCall } from '../../../drivers/store/warming-store';
import type { FunctionConstraints } from '../../../core/budget/budget-constraints';
import type { Forecast } from '../../../core/forecast/forecast';
import { parseMemory } from '../../../core/function/quantity';
import { compactTarget } from '../../../core/warming/compact-target';
import { functionTarget, type FunctionTarget } from '../../../core/warming/function-target';
import { FunctionTracker } from '../../../core/warming/function-tracker';
import { layOutMinutes, type CountedMinutes } from '../../../core/warming/lay-out-minutes';
import { MeasuredFunction, type DeclaredFunction } from '../../../core/warming/measured-function';
import type { WarmingPrices } from '../../../core/warming/prices';
import { restrainTarget } from '../../../core/warming/restrain-target';
import { StartTimes } from '../../../core/warming/start-times';
import { SteadyPool } from '../../../core/warming/steady-pool';
import { instancesInWindows } from '../../../core/warming/warm-windows';
import type { WarmingPolicy } from '../../../core/warming/warming-policy';

const GB = 1e9;
/** A window's instances are begun so long before it opens: the next decision may come too late for it. */
const WINDOW_LEAD_MS = 90_000;
/** Targets count for so long, should the next decision be late. */
export const TARGET_SECONDS = 150;
/** Of a past that is only counted, as many calls as are laid out in some hundred milliseconds. */
const MOST_COUNTED_CALLS = 20_000;

/** One revision that is to be kept warm, as declared and deployed. */
export interface WarmFacts {
  readonly revision: RevisionRecord;
  readonly hasCheckpoint: boolean;
  /** Nodes that it is placed on; null: any. */
  readonly nodes: ReadonlySet<string> | null;
  /** What budgets allow of it now. */
  readonly constraints: FunctionConstraints;
}

/** One function under one policy: its calls over slots, what its starts take, and what is declared of it. */
export class WarmedFunction {
  readonly #fn: MeasuredFunction;
  readonly #tracker: FunctionTracker;
  readonly #pool = new SteadyPool();
  #facts: WarmFacts;

  constructor(
    facts: WarmFacts,
    private readonly policy: WarmingPolicy,
    prices: WarmingPrices,
  ) {
    const { revision } = facts;
    this.#facts = facts;
    this.#fn = new MeasuredFunction(revision.functionId, declaredOf(facts), StartTimes.of(revision), prices);
    this.#tracker = new FunctionTracker(this.#fn, policy.of(this.#fn));
  }

  get facts(): WarmFacts {
    return this.#facts;
  }

  /** Slots that were used so far. */
  get known(): number {
    return this.#tracker.size;
  }

  /** Of one instance. */
  get memoryBytes(): number {
    return this.#fn.memoryGb * GB;
  }

  /** Of one instance that is held, in micro-dollars a second. @param gbSecond of a GB */
  holdingPrice(gbSecond: number): number {
    return this.#fn.memoryGb * gbSecond;
  }

  /** Price of a use that finds no instance, over that of one that does. */
  get saved(): number {
    const { rungs } = this.#fn;
    return Math.max(0, (rungs.at(-1)?.delayPrice ?? 0) - (rungs.at(-2)?.delayPrice ?? 0));
  }

  /** What is declared and deployed now. */
  refresh(facts: WarmFacts): void {
    this.#facts = facts;
    this.#fn.declare(declaredOf(facts));
  }

  /** The past before the first exact call, by counts. @param executeMs mean time of a call; undefined: not known */
  recall(past: CountedMinutes, executeMs: number | undefined): void {
    const seconds = executeMs === undefined ? Number.NaN : executeMs / 1000;
    if (seconds >= 0) this.#fn.executeSeconds = seconds;
    const took = this.#fn.executeSeconds;
    for (const at of layOutMinutes(past, secondOf(this.#fn.id), MOST_COUNTED_CALLS)) this.#tracker.call(at, at + took);
  }

  /** Takes in a call, told in the order of arrival. One that stands for several keeps its place as long as these together. */
  learn({ at, totalMs, executeMs, kind, waitMs, standsFor }: EndedCall): void {
    const arrival = at.getTime() / 1000;
    this.#tracker.call(arrival, arrival + (Math.max(0, totalMs) / 1000) * standsFor);
    this.#fn.learn({ kind, waitMs, executeMs });
  }

  /** Instances that min and warm windows want now. @param now Unix milliseconds */
  floor(now: number): number {
    const { scale, warmWindows } = this.#facts.revision.manifest.spec;
    return Math.min(scale.max, Math.max(scale.min, instancesInWindows(warmWindows, now, WINDOW_LEAD_MS)));
  }

  /** @param given.now Unix milliseconds; a dry run is not remembered */
  target(
    floor: number,
    given: { now: number; forecast: Pick<Forecast, 'mean' | 'quantiles'> | null; dryRun: boolean },
  ): FunctionTarget {
    const { now, forecast, dryRun } = given;
    const target = functionTarget(this.#tracker, now / 1000, {
      horizon: TARGET_SECONDS,
      floor,
      forecast,
      steady: (wanted) => (dryRun ? this.#pool.with(wanted) : this.#pool.next(wanted)),
    });
    // A policy that only ranks lets all rest until memory is short, and what was ended for that is not started again.
    const steps = this.policy.ranking ? [{ after: 0, running: 0, frozen: floor }] : target.steps;
    const allowed = restrainTarget({ ...target, steps }, floor, this.#facts.constraints.restraint);
    return compactTarget(allowed, TARGET_SECONDS);
  }
}

function declaredOf({ revision, hasCheckpoint }: WarmFacts): DeclaredFunction {
  const { resources, scale, concurrency } = revision.manifest.spec;
  const { min, max } = scale;
  return { memoryGb: parseMemory(resources.memory) / GB, hasCheckpoint, concurrency, min, max };
}

/** The second at which a minute's only call is laid out: the same for a function each time, spread over functions. */
function secondOf(id: string): number {
  let hash = 0;
  for (const letter of id) hash = (hash * 31 + letter.charCodeAt(0)) % 60_000;
  return hash / 1000;
}
