import { latencyStep } from '../traffic/latency-counts';
import type { Name } from './block-form';
import type { TrafficSum } from './invocation-batch';
import type { CellColumn } from './number-column';

/** What is summed by who calls. */
export interface TrafficColumns {
  readonly bytesIn: CellColumn;
  readonly bytesOut: CellColumn;
  /** Microseconds. */
  readonly latency: CellColumn;
}

export function cellOf({ cells, first, stride }: CellColumn, call: number): number {
  return cells[first + call * stride] as number;
}

/**
 * The traffic from each value that is not null, in the order in which they first came.
 * @param places by call, the place of its value
 */
export function trafficSums(values: readonly Name[], places: CellColumn, columns: TrafficColumns): TrafficSum[] {
  if (values.every((value) => value === null)) return [];
  const sums = values.map(newSum);
  for (let call = 0; call < places.calls; call++) {
    const sum = sums[cellOf(places, call)] as ReturnType<typeof newSum>;
    sum.calls += 1;
    sum.bytesIn += cellOf(columns.bytesIn, call);
    sum.bytesOut += cellOf(columns.bytesOut, call);
    const step = latencyStep(cellOf(columns.latency, call) / 1000);
    sum.steps.set(step, (sum.steps.get(step) ?? 0) + 1);
  }
  return sums.flatMap(({ value, steps, ...sum }) =>
    value === null ? [] : [{ from: String(value), ...sum, latencies: Object.fromEntries(steps) }],
  );
}

function newSum(value: Name) {
  return { value, calls: 0, bytesIn: 0, bytesOut: 0, steps: new Map<number, number>() };
}
