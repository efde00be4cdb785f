import { HYBRID, type ModelRow } from './models';
import type { ForecastTable } from './forecast-table';
import { scoredRow, type ScoredRow } from './scored-row';
import type { TestPart } from './test-part';
import { walk } from './walk';

/** What our own models reached, and the forecasts of the hybrid themselves. */
export interface Measured {
  readonly rows: ScoredRow[];
  readonly hybrid: ForecastTable | null;
}

/** Runs models over the test part, one after the other: each has the machine for itself. */
export async function measureRows(
  models: readonly ModelRow[],
  part: TestPart,
  log: (text: string) => void,
): Promise<Measured> {
  const rows: ScoredRow[] = [];
  let hybrid: ForecastTable | null = null;
  for (const { role, make } of models) {
    const model = make();
    const { table, cpuMsPerFunction, bytesPerFunction } = await walk(model, part);
    const row = scoredRow(part, table, { name: model.name, role, cpuMsPerFunction, bytesPerFunction, cached: false });
    rows.push(row);
    if (model.name === HYBRID) hybrid = table;
    log(`${model.name}: WAPE ${row.all.wape?.toFixed(3) ?? '-'}, ${cpuMsPerFunction.toFixed(1)} ms a function`);
  }
  return { rows, hybrid };
}
