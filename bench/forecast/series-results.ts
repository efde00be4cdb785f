import { totals, wape } from '../../core/forecast/accuracy';
import { inTurns } from '../harness/in-turns';
import type { AnchorEnvironment } from './anchors/anchor-environment';
import { anchorForecasts, type AnchorModel, type AnchorPart } from './anchors/anchor-forecasts';
import { ANCHOR_NAMES, AT_ONCE, sinceMonday } from './anchors/anchor-rows';
import { HYBRID, MODEL_ROWS } from './models';
import { poissonFloor } from './poisson-floor';
import { STEPS, testPartOf, type TestPart } from './test-part';
import type { TracedFunction } from '../traces/trace-set';
import { walk } from './walk';

/** Widths of the bins that errors are measured in: the platform's own, and the one published figures are of. */
export const SERIES_BINS = [1, 5] as const;
/** Of ours, beside the hybrid. */
const PLAIN = ['naive', 'seasonal naive day'];
/** The hybrid is to be no worse than the best of these. */
const RIVALS: readonly AnchorModel[] = ['autoarima', 'autoets', 'lightgbm-l1'];

/** WAPE of each model on one series; every model is fitted to that series alone. */
export interface SeriesResult {
  readonly id: string;
  readonly binMinutes: number;
  readonly errors: ReadonlyMap<string, number>;
  /** The best of those that the hybrid is held against; null where they could not be run. */
  readonly rival: string | null;
}

/**
 * Ours forecast minutes, whose sums are held against bins of five; the anchors see and forecast the bins themselves. A
 * decomposition (MSTL) is too slow for minutes.
 */
export async function seriesResults(
  series: readonly TracedFunction[],
  environment: AnchorEnvironment | null,
  log: (text: string) => void,
): Promise<SeriesResult[]> {
  const parts = series.map((item) => testPartOf([item]));
  const ours = await ourForecasts(parts, log);
  const results: SeriesResult[] = [];
  for (const binMinutes of SERIES_BINS) {
    const theirs = environment ? await anchorErrors(environment, parts, binMinutes, log) : new Map<string, number[]>();
    parts.forEach((part, index) => {
      const errors = new Map<string, number>();
      const put = (name: string, error: number | null | undefined): void => {
        if (error !== null && error !== undefined) errors.set(name, error);
      };
      for (const [name, tables] of ours) put(name, binnedWape(part.actual, tables[index] ?? [], binMinutes));
      for (const [name, each] of theirs) put(name, each[index]);
      if (binMinutes === 1) put('Poisson floor', poissonFloor(part).all.wape);
      results.push({ id: series[index]?.id ?? '', binMinutes, errors, rival: bestRival(errors) });
    });
  }
  return results;
}

async function ourForecasts(
  parts: readonly TestPart[],
  log: (text: string) => void,
): Promise<Map<string, Float64Array[]>> {
  const forecasts = new Map<string, Float64Array[]>();
  for (const { make } of MODEL_ROWS) {
    const { name } = make();
    if (name !== HYBRID && !PLAIN.includes(name)) continue;
    const tables: Float64Array[] = [];
    for (const part of parts) tables.push((await walk(make(), part)).table.point);
    forecasts.set(name, tables);
    log(`${name}: ${parts.length} series`);
  }
  return forecasts;
}

/** WAPE on each series by name of model; a model that fails is told and left out. */
async function anchorErrors(
  environment: AnchorEnvironment,
  parts: readonly TestPart[],
  binMinutes: number,
  log: (text: string) => void,
): Promise<Map<string, number[]>> {
  const models = binMinutes === 1 ? RIVALS : [...RIVALS, 'mstl' as const];
  const binned = parts.map((part) => binnedPart(part, binMinutes));
  const errors = new Map<string, number[]>();
  await inTurns(models, AT_ONCE, async (model) => {
    try {
      const job = { model, binMinutes, steps: STEPS / binMinutes, parts: binned };
      const { parts: said, cached } = await anchorForecasts(environment, job);
      errors.set(ANCHOR_NAMES[model], said.map((values, index) => binnedWape((parts[index] as TestPart).actual, values, binMinutes, binMinutes) ?? Number.NaN)); // prettier-ignore
      log(`${ANCHOR_NAMES[model]}: series in bins of ${binMinutes} min${cached ? ', from the cache' : ''}`);
    } catch (error) {
      log(`${ANCHOR_NAMES[model]} is left out: ${(error as Error).message}`);
    }
  });
  return errors;
}

/** @param width minutes of one value of the forecast */
function binnedWape(actual: Float64Array, forecast: ArrayLike<number>, binMinutes: number, width = 1): number | null {
  return wape(totals(actual, binMinutes), totals(forecast, binMinutes / width));
}

function binnedPart({ functions, trainEnd }: TestPart, binMinutes: number): AnchorPart {
  const [item] = functions;
  const counts = item?.counts ?? new Float64Array();
  // Bins end where the test part begins; what is left over is at the front.
  const odd = trainEnd % binMinutes;
  return {
    counts: [Float64Array.from(totals(counts.subarray(odd), binMinutes))],
    trainEnd: (trainEnd - odd) / binMinutes,
    firstMinute: sinceMonday(item) + odd,
  };
}

function bestRival(errors: ReadonlyMap<string, number>): string | null {
  const error = (name: string): number => errors.get(name) ?? Number.POSITIVE_INFINITY;
  const rivals = RIVALS.map((model) => ANCHOR_NAMES[model]).filter((name) => errors.has(name));
  return rivals.reduce<string | null>(
    (best, name) => (best !== null && error(best) <= error(name) ? best : name),
    null,
  );
}
