import type { PoolTarget } from '../agent/pool-plan';
import type { Forecast } from '../forecast/forecast';
import { functionTarget, type FunctionTarget } from '../warming/function-target';
import { FunctionTracker } from '../warming/function-tracker';
import { MeasuredFunction, type DeclaredFunction } from '../warming/measured-function';
import { StartTimes } from '../warming/start-times';
import { SteadyPool } from '../warming/steady-pool';
import type { FunctionPolicy, WarmingPolicy } from '../warming/warming-policy';
import { START_KINDS } from '../start/start';
import type { CourtFunction } from './court-case';
import type { SimulatedPool } from './simulated-pool';
import type { Simulation } from './simulation';

const MINUTE_MS = 60_000;
/** A decision counts until the next one, so all that it will ever hold can be in it. */
const HORIZON_SECONDS = 14 * 86_400;

/** One function as the controller knows it. */
interface Known {
  /** Null where its rungs stay as they are. */
  readonly measured: MeasuredFunction | null;
  readonly tracker: FunctionTracker;
  /** Instances that are held for the last forecasts. */
  pool: number;
  readonly steady: SteadyPool;
  /** When the steps of its target next change, in milliseconds: they are laid out anew then, as each minute would. */
  changesAt: number;
}

/**
 * The warming controller: each minute it learns of the calls that have ended, and asks the policy. Functions of which nothing
 * has changed keep the target that they have.
 */
export class SimulatedController {
  readonly #functions = new Map<number, Known>();
  /** Calls in the order of their ends, and how many of them are known. */
  readonly #ended: number[] = [];
  #taken = 0;

  constructor(
    private readonly policy: WarmingPolicy,
    private readonly pools: readonly SimulatedPool[],
    private readonly simulation: Simulation,
  ) {
    pools.forEach(({ fn }, index) => {
      if (fn.warm.min > 0) this.#known(index);
    });
  }

  ended(call: number): void {
    this.#ended.push(call);
  }

  /** Decides for the minute that has begun. */
  decide(): void {
    const { now, court } = this.simulation;
    const minute = Math.floor(now / MINUTE_MS);
    const changed = this.#learn(now - court.delays.record);
    const indices = [...this.#functions.keys()].sort((a, b) => a - b);
    for (const index of indices) {
      const known = this.#functions.get(index) as Known;
      const forecast = court.forecasts?.(index, minute) ?? null;
      const wanted = (forecast && known.tracker.policy.pool?.(forecast)) ?? 0;
      const pool = known.steady.next(Number.isFinite(wanted) ? Math.max(0, Math.floor(wanted)) : 0);
      if (!changed.has(index) && Object.is(pool, known.pool) && known.changesAt > now) continue;
      known.pool = pool;
      this.#tell(index, known, forecast);
    }
  }

  /** Tells the trackers of all calls that had ended by then, in the order of their arrival. */
  #learn(until: number): Set<number> {
    const { outcomes, court } = this.simulation;
    const { functions, at, executeMs, measured } = court.calls;
    const news = new Map<number, number[]>();
    while (this.#taken < this.#ended.length) {
      const call = this.#ended[this.#taken] as number;
      if ((outcomes.endAt[call] as number) > until) break;
      this.#taken++;
      const index = functions[call] as number;
      const calls = news.get(index);
      if (calls) calls.push(call);
      else news.set(index, [call]);
    }
    for (const [index, calls] of news) {
      const known = this.#known(index);
      known.measured?.declare(this.#declared(index));
      for (const call of calls.sort((a, b) => a - b)) {
        known.tracker.call((at[call] as number) / 1000, (outcomes.endAt[call] as number) / 1000);
        if (!measured) continue;
        const kind = START_KINDS[measured.kinds[call] as number] ?? null;
        known.measured?.learn({
          kind,
          waitMs: measured.waitMs[call] as number,
          executeMs: executeMs[call] as number,
        });
      }
    }
    return new Set(news.keys());
  }

  #tell(index: number, known: Known, forecast: Pick<Forecast, 'mean' | 'quantiles'> | null): void {
    const { now } = this.simulation;
    const pool = this.pools[index] as SimulatedPool;
    const target = functionTarget(known.tracker, now / 1000, {
      horizon: HORIZON_SECONDS,
      floor: 0,
      forecast,
      steady: () => known.pool,
    });
    known.changesAt = now + 1000 * (target.steps[1]?.after ?? Infinity);
    const mean = forecast?.mean[0] ?? Number.NaN;
    const expectedRate = Number.isFinite(mean) ? Math.max(0, mean) / 60 : pool.rate.perSecond(now);
    pool.setTarget({ ...asPoolTarget(target, now, this.policy.ranking !== undefined), expectedRate });
  }

  #known(index: number): Known {
    let known = this.#functions.get(index);
    if (!known) {
      const { warm, believed } = this.#fn(index);
      const { prices } = this.simulation.court;
      const measured =
        believed && new MeasuredFunction(warm.id, this.#declared(index), new StartTimes(believed), prices);
      const fn = measured ?? warm;
      const policy: FunctionPolicy = this.policy.of(fn);
      const tracker = new FunctionTracker(fn, policy);
      known = { measured, tracker, pool: Number.NaN, steady: new SteadyPool(), changesAt: 0 };
      this.#functions.set(index, known);
    }
    return known;
  }

  #fn(index: number): CourtFunction {
    return (this.pools[index] as SimulatedPool).fn;
  }

  #declared(index: number): DeclaredFunction {
    const { warm, checkpoint } = this.#fn(index);
    return { ...warm, hasCheckpoint: checkpoint !== null && checkpoint.from <= this.simulation.now };
  }
}

/** @param ranked the policy lets all rest until memory is short, and starts nothing ahead of time */
function asPoolTarget(target: FunctionTarget, now: number, ranked: boolean): Omit<PoolTarget, 'expectedRate'> {
  return {
    steps: ranked
      ? []
      : target.steps.map(({ after, running, frozen }) => ({ at: now + 1000 * after, running, frozen })),
    keepAliveMs: target.keepAlive.map((seconds) => 1000 * seconds),
    validUntil: Number.MAX_SAFE_INTEGER,
  };
}
