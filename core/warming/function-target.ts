import type { Forecast } from '../forecast/forecast';
import { fading, type FunctionTracker, type SlotView } from './function-tracker';
import type { Hold, WarmFunction } from './warming-policy';

/** Instances to be ready from so many seconds after the decision on. */
export interface TargetStep {
  readonly after: number;
  /** In use or running. */
  readonly running: number;
  readonly frozen: number;
}

/** What the agents are asked to hold of one function, from one decision until the next. */
export interface FunctionTarget {
  /** Rising in time; the first is for now. */
  readonly steps: readonly TargetStep[];
  /** Seconds that instances may rest, by place: in use first, then the last used before the first; never rising; the last is for all further ones. */
  readonly keepAlive: readonly number[];
  /** Instances that the forecast asks for, whatever rests. */
  readonly pool: number;
  /** Uses a second that are expected of each instance, the most first; the last is of all further ones. */
  readonly uses: readonly number[];
}

/** Stretches that must be ready, in seconds after the decision. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly running: boolean;
}

/** Nothing is ended to be started again within this: holds that are closer are one. */
const SHORTEST_PAUSE_SECONDS = 60;
const LONGEST_KEEP_ALIVE_SECONDS = 7 * 86_400;
const MINUTE = 60;

/**
 * What to hold of a function for the next `horizon` seconds: the stretches that its policy holds of the current rests, begun so
 * much earlier that the instance is there in time; at least what the forecast asks for, at least `floor`, at most its max.
 * @param floor instances to be ready whatever the policy says (the manifest's min, warm windows)
 */
export function functionTarget(
  tracker: FunctionTracker,
  now: number,
  options: {
    readonly horizon: number;
    readonly floor: number;
    readonly forecast: Pick<Forecast, 'mean' | 'quantiles'> | null;
    /** What to hold for a forecast that asks for so many instances; without it just as many. */
    readonly steady?: (wanted: number) => number;
  },
): FunctionTarget {
  const { fn, policy } = tracker;
  const views = tracker.views();
  const { forecast, horizon, steady = (asked) => asked } = options;
  const wanted = forecast && policy.pool ? policy.pool(forecast) : 0;
  const pool = Math.min(fn.max, steady(Number.isFinite(wanted) ? Math.max(0, Math.floor(wanted)) : 0));
  const floor = Math.min(fn.max, Math.max(0, options.floor, fn.min, pool));
  const ahead = fn.rungs.at(-1)?.delaySeconds ?? 0;
  const stretches = views.flatMap((view) => stretchesOf(view, now, ahead, horizon));
  return {
    steps: stepsOf(stretches, floor, fn.max),
    keepAlive: keepAliveOf(views, tracker.unused(now), fn),
    pool,
    uses: usesOf(views, now, fn.max, pool, forecast?.mean[0] ?? 0),
  };
}

/** Of one slot: while it is in use it is there. */
function stretchesOf({ restsSince, holds }: SlotView, now: number, ahead: number, horizon: number): Stretch[] {
  const rested = now - restsSince;
  const stretches: Stretch[] = rested < 0 ? [{ from: 0, to: -rested, running: false }] : [];
  for (const { from, to, rung } of holds) {
    if (rung === 'local' || rung === 'remote') continue;
    const begins = Math.max(0, from === 0 ? -rested : from - ahead - rested);
    const ends = to - rested;
    if (ends <= 0 || begins >= horizon) continue;
    const last = stretches.at(-1);
    const running = rung === 'running';
    const joins = last !== undefined && begins - last.to < SHORTEST_PAUSE_SECONDS;
    if (joins && last.running === running) stretches[stretches.length - 1] = { ...last, to: ends };
    // One that is there need not be started for its next rung.
    else stretches.push({ from: joins ? last.to : begins, to: ends, running });
  }
  return stretches;
}

function stepsOf(stretches: readonly Stretch[], floor: number, max: number): TargetStep[] {
  const moments = [...new Set([0, ...stretches.flatMap(({ from, to }) => [from, to])])]
    .filter((moment) => Number.isFinite(moment))
    .sort((a, b) => a - b);
  const steps: TargetStep[] = [];
  for (const after of moments) {
    const held = stretches.filter(({ from, to }) => from <= after && after < to);
    const running = Math.min(max, held.filter((stretch) => stretch.running).length);
    const frozen = Math.min(max, Math.max(floor, held.length)) - running;
    const last = steps.at(-1);
    if (last?.running !== running || last.frozen !== frozen) steps.push({ after, running, frozen });
  }
  return steps;
}

/** How long a slot is held from its release on: what it is held for later is the steps' affair. */
function keepAliveOf(views: readonly SlotView[], unused: readonly Hold[], fn: WarmFunction): number[] {
  const first = (holds: readonly Hold[]): number => {
    let until = 0;
    for (const { from, to, rung } of holds) {
      if (rung !== 'running' && rung !== 'frozen') continue;
      if (from - until >= SHORTEST_PAUSE_SECONDS) break;
      until = to;
    }
    return Math.min(until, LONGEST_KEEP_ALIVE_SECONDS);
  };
  const times = views.slice(0, fn.max).map(({ holds }) => first(holds));
  times.sort((a, b) => b - a);
  const further = Math.min(first(unused), times.at(-1) ?? Infinity);
  return [...times, further];
}

/**
 * How often each slot was used of late, or will be by its policy: one that it holds for so long is expected once in about that
 * time. Of a pool each instance has its share of what is expected.
 */
function usesOf(views: readonly SlotView[], now: number, max: number, pool: number, callsPerMinute: number): number[] {
  const uses = views.slice(0, max).map(({ restsSince, holds, usesPerSecond }) => {
    const rested = Math.max(0, now - restsSince);
    const hold = holds.find(({ to }) => to > rested);
    const due = hold ? 1 / (MINUTE + hold.to - hold.from) : 0;
    return Math.max(usesPerSecond * fading(rested), due);
  });
  uses.sort((a, b) => b - a);
  const share = pool > 0 && callsPerMinute > 0 ? callsPerMinute / MINUTE / pool : 0;
  for (let place = 0; place < pool; place++) uses[place] = Math.max(uses[place] ?? 0, share);
  return [...uses, 0];
}
