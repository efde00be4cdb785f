import { START_KINDS, type StartKind } from '../start/start';
import { addLatencies, latencyQuantile, shareWithin, type LatencyCounts } from '../traffic/latency-counts';
import { keptOf, OBJECTIVES, type Kept } from './objectives';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Windows that an overview may be of, in milliseconds, and the steps in which they are told. */
export const OVERVIEW_WINDOWS = {
  '1h': { ms: HOUR_MS, stepMs: MINUTE_MS },
  '6h': { ms: 6 * HOUR_MS, stepMs: 5 * MINUTE_MS },
  '24h': { ms: 24 * HOUR_MS, stepMs: 15 * MINUTE_MS },
  '7d': { ms: 168 * HOUR_MS, stepMs: 2 * HOUR_MS },
} as const;
export type OverviewWindow = keyof typeof OVERVIEW_WINDOWS;

/** What was called in one step. */
export interface StepCount {
  /** Its start. */
  readonly at: Date;
  readonly total: number;
  readonly errors: number;
  readonly byKind: Readonly<Record<StartKind, number>>;
}

/** How long callers of one UTC hour waited for the first byte. */
export interface LatencyHour {
  readonly at: Date;
  readonly latencies: LatencyCounts;
}

export interface Quantiles {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface Overview {
  readonly points: readonly StepCount[];
  readonly totals: Omit<StepCount, 'at'>;
  readonly hours: readonly (Quantiles & { readonly at: Date })[];
  readonly latency: Quantiles;
  /** Of what an instance answered, what began with a cold start; null where there was nothing. */
  readonly coldShare: number | null;
  readonly objectives: { readonly availability: Kept; readonly latency: Kept };
}

/** When a window begins that ends now: at the start of a step, so that answers of one step are of the same time. */
export function windowStart(window: OverviewWindow, now: Date): Date {
  const { ms, stepMs } = OVERVIEW_WINDOWS[window];
  return new Date(Math.floor((now.getTime() - ms) / stepMs) * stepMs);
}

/** @param counts steps that had any invocation, ascending @param hours ascending */
export function overviewOf(
  counts: readonly StepCount[],
  hours: readonly LatencyHour[],
  span: { readonly from: Date; readonly to: Date; readonly stepMs: number },
): Overview {
  const points = everyStep(counts, span);
  const totals = points.reduce<Omit<StepCount, 'at'>>(sumOf, NOTHING);
  const latencies = hours.reduce<LatencyCounts>((sum, hour) => addLatencies(sum, hour.latencies), {});
  const answered = START_KINDS.reduce((sum, kind) => sum + totals.byKind[kind], 0);
  return {
    points,
    totals,
    hours: hours.map(({ at, latencies: ofHour }) => ({ at, ...quantilesOf(ofHour) })),
    latency: quantilesOf(latencies),
    coldShare: answered === 0 ? null : totals.byKind.cold / answered,
    objectives: {
      availability: keptOf(OBJECTIVES.availability, totals.total === 0 ? null : 1 - totals.errors / totals.total),
      latency: keptOf(OBJECTIVES.latency, shareWithin(latencies, OBJECTIVES.latencyMs)),
    },
  };
}

const NOTHING: Omit<StepCount, 'at'> = { total: 0, errors: 0, byKind: { hot: 0, warm: 0, restore: 0, cold: 0 } };

function everyStep(counts: readonly StepCount[], { from, to, stepMs }: Parameters<typeof overviewOf>[2]): StepCount[] {
  const known = new Map(counts.map((count) => [count.at.getTime(), count]));
  const points: StepCount[] = [];
  for (let at = from.getTime(); at < to.getTime(); at += stepMs) {
    points.push(known.get(at) ?? { at: new Date(at), ...NOTHING });
  }
  return points;
}

function sumOf(sum: Omit<StepCount, 'at'>, { total, errors, byKind }: StepCount): Omit<StepCount, 'at'> {
  const { hot, warm, restore, cold } = sum.byKind;
  return {
    total: sum.total + total,
    errors: sum.errors + errors,
    byKind: { hot: hot + byKind.hot, warm: warm + byKind.warm, restore: restore + byKind.restore, cold: cold + byKind.cold }, // prettier-ignore
  };
}

function quantilesOf(counts: LatencyCounts): Quantiles {
  return {
    p50Ms: latencyQuantile(counts, 0.5),
    p95Ms: latencyQuantile(counts, 0.95),
    p99Ms: latencyQuantile(counts, 0.99),
  };
}
