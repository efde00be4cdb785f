import { inTurns } from '../../harness/in-turns';
import { ForecastTable } from '../forecast-table';
import { scoredRow, type ScoredRow } from '../scored-row';
import { STEPS, type TestPart } from '../test-part';
import type { TracedFunction } from '../../traces/trace-set';
import type { AnchorEnvironment } from './anchor-environment';
import { anchorForecasts, type AnchorForecasts, type AnchorModel } from './anchor-forecasts';

/** Names in tables. */
export const ANCHOR_NAMES: Readonly<Record<AnchorModel, string>> = {
  'arima-212': 'statsforecast ARIMA(2,1,2)',
  autoarima: 'statsforecast AutoARIMA',
  autoets: 'statsforecast AutoETS',
  mstl: 'statsforecast MSTL',
  'lightgbm-l1': 'LightGBM L1',
  'lightgbm-l2': 'LightGBM L2',
};

/** As many as run beside each other: each keeps one core busy. */
export const AT_ONCE = 2;
const WEEK = 10_080;
/** The first Monday of 1970, in minutes. */
const MONDAY = 5_760;

/** Other people's models over a test part, one row each; those that fail are told and left out. */
export async function anchorRows(
  environment: AnchorEnvironment,
  models: readonly AnchorModel[],
  part: TestPart,
  log: (text: string) => void,
): Promise<ScoredRow[]> {
  const { functions, trainEnd } = part;
  const counts = functions.map((item) => item.counts);
  const parts = [{ counts, trainEnd, firstMinute: sinceMonday(functions[0]) }];
  const rows = await inTurns(models, AT_ONCE, async (model): Promise<ScoredRow | null> => {
    const name = ANCHOR_NAMES[model];
    try {
      const said = await anchorForecasts(environment, { model, binMinutes: 1, steps: STEPS, parts });
      const row = scoredRow(part, tableOf(part, said), {
        name,
        role: 'anchor',
        cpuMsPerFunction: (said.cpuSeconds * 1000) / functions.length,
        bytesPerFunction: said.peakBytes / functions.length,
        cached: said.cached,
      });
      log(`${name}: WAPE ${row.all.wape?.toFixed(3) ?? '-'}, ${row.cpuMsPerFunction.toFixed(0)} ms a function${said.cached ? ', from the cache' : ''}`); // prettier-ignore
      return row;
    } catch (error) {
      log(`${name} is left out: ${(error as Error).message}`);
      return null;
    }
  });
  return rows.filter((row) => row !== null);
}

/** Minutes from a Monday, midnight, to a function's first count. */
export function sinceMonday(item: TracedFunction | undefined): number {
  return ((((item?.firstMinute ?? MONDAY) - MONDAY) % WEEK) + WEEK) % WEEK;
}

function tableOf(part: TestPart, said: AnchorForecasts): ForecastTable {
  const table = new ForecastTable(part);
  const [values = new Float32Array()] = said.parts;
  for (let place = 0; place < part.bars.length; place++) {
    table.set(place, { point: values.subarray(place * STEPS, (place + 1) * STEPS) });
  }
  return table;
}
