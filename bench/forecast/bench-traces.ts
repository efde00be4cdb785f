import path from 'node:path';
import { existsSync } from 'node:fs';
import { tracesBeside } from '../traces/traces-beside';
import { testMinutesOf } from './test-part';
import { holdsCounts, readTraceSet, type TracedFunction } from '../traces/trace-set';

const FUNCTIONS = 'azure12d';
const SERIES = 'series';

/** What the bench measures on. One of the two may be empty. */
export interface BenchTraces {
  /** The folder they are from. */
  readonly folder: string;
  /** Counts of the same minutes. */
  readonly functions: readonly TracedFunction[];
  readonly series: readonly TracedFunction[];
}

/**
 * The traces of a folder that holds counts itself, or holds `azure12d` and `series`; without one, of the folder beside the
 * checkout.
 * @param until minutes that are used; what follows is cut off, and of each series its test part, as if they were not there
 * @throws RangeError that says what is missing or wrong
 */
export function benchTraces(data: string | undefined, until: number | undefined): BenchTraces {
  const folder = data === undefined ? tracesBeside() : path.resolve(data);
  if (!existsSync(folder)) throw new RangeError(missing(folder, data));
  const folders = holdsCounts(folder)
    ? [folder]
    : [FUNCTIONS, SERIES].map((name) => path.join(folder, name)).filter(holdsCounts);
  if (folders.length === 0) throw new RangeError(missing(folder, data));
  const sets = folders.map(readTraceSet);
  const of = (kind: 'functions' | 'series'): TracedFunction[] =>
    sets.filter((set) => set.kind === kind).flatMap((set) => set.functions);
  if (until === undefined) return { folder, functions: of('functions'), series: of('series') };
  return {
    folder,
    functions: of('functions').map((item) => cut(item, until)),
    series: of('series').map((item) => cut(item, item.counts.length - testMinutesOf(item.counts.length))),
  };
}

function cut(item: TracedFunction, until: number): TracedFunction {
  return { ...item, counts: item.counts.subarray(0, Math.max(0, until)) };
}

function missing(folder: string, data: string | undefined): string {
  if (data !== undefined)
    return `${folder} holds no traces: a folder with counts.csv.gz or counts.csv, or one with ${FUNCTIONS}/ and ${SERIES}/ is needed`;
  return (
    `There are no traces at ${folder}, and the day in bench/data is too short for a test part of two days: pass --data DIR, ` +
    'a folder with counts.csv.gz (a line for each function: id, then its requests in each minute) and functions.csv'
  );
}
