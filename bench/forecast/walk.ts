import type { BenchModel } from './bench-model';
import { ForecastTable } from './forecast-table';
import { heldBytes } from './held-bytes';
import { STEPS, type TestPart } from './test-part';
import type { TracedFunction } from '../traces/trace-set';

/** What a model said and what it took to say it. */
export interface Walk {
  readonly table: ForecastTable;
  /** Of fitting and of all forecasts, for one function; all threads of this process. */
  readonly cpuMsPerFunction: number;
  /** What the model holds at the end, for one function. */
  readonly bytesPerFunction: number;
}

/** Fits a model to what lies before the test part and asks it at each origin. It is given nothing that was not known then. */
export async function walk(model: BenchModel, part: TestPart): Promise<Walk> {
  const { functions, trainEnd, origins } = part;
  const table = new ForecastTable(part);
  // Filled as time goes on: a view of the whole could be looked at behind its end.
  const seen = functions.map(({ counts }) => new Float64Array(counts.length));
  const before = heldBytes();
  const begun = process.cpuUsage();
  await model.prepare({
    functions: functions.map((item) => ({ ...item, counts: item.counts.slice(0, trainEnd) })),
    steps: STEPS,
  });
  for (const [at, origin] of origins.entries()) {
    const known = seen.map((counts, index) => {
      const from = at === 0 ? 0 : (origins[at - 1] as number);
      counts.set((functions[index] as TracedFunction).counts.subarray(from, origin), from);
      return counts.subarray(0, origin);
    });
    const forecasts = await model.forecast(known, origin);
    if (forecasts.length !== functions.length) {
      throw new RangeError(`${model.name} gave ${forecasts.length} forecasts for ${functions.length} functions`);
    }
    forecasts.forEach((forecast, index) => table.set(index * origins.length + at, forecast));
  }
  const { user, system } = process.cpuUsage(begun);
  return {
    table,
    cpuMsPerFunction: ((user + system) / 1000 + (model.borrowedCpuMs?.() ?? 0)) / functions.length,
    bytesPerFunction: Math.max(0, heldBytes() - before - table.grownBytes) / functions.length,
  };
}
