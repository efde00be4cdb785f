import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { csvCells } from './csv-cells';

/** One function (or series) of a trace. */
export interface TracedFunction {
  readonly id: string;
  /** By mean rate: T0 at most one an hour, T1 at most 0.1 a minute, T2 at most 1 a minute, T3 above. */
  readonly tier: string;
  /** As the trace labels it, or its trigger; `unknown` where there is neither. */
  readonly pattern: string;
  /** Belongs to the set that is scored first; true for all where the trace does not say. */
  readonly core: boolean;
  /** Minute of the first count since 1970 in the trace's own clock; a Monday where only the day of the week is known. */
  readonly firstMinute: number;
  /** Requests in each minute, whole numbers from 0. */
  readonly counts: Float64Array;
  /** Of its own; null where the trace does not say. */
  readonly profile: ExecutionProfile | null;
}

/** How long a function's calls take, and what memory it holds. */
export interface ExecutionProfile {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly memoryMb: number;
  /** What 99 of 100 looks at it saw at most, and the most that was ever seen; left out where the trace does not say. */
  readonly memoryP99Mb?: number;
  readonly memoryPeakMb?: number;
}

/** Functions whose counts are of the same minutes, or series that each have their own length. */
export interface TraceSet {
  readonly kind: 'functions' | 'series';
  readonly functions: readonly TracedFunction[];
}

const DAY = 1_440;
/** The first Monday of 1970. */
const MONDAY = 4 * DAY;
const MOST_PROBLEMS = 20;

const quantity = (name: string) =>
  z.coerce
    .number({ error: `${name} must be a number from 0 on` })
    .nonnegative()
    .optional();

const functionSchema = z.object({
  function_id: z.string().min(1),
  core: z.enum(['0', '1'], { error: 'core must be 0 or 1' }).optional(),
  tier: z.string().min(1, 'tier is empty').optional(),
  pattern: z.string().min(1, 'pattern is empty').optional(),
  trigger: z.string().min(1, 'trigger is empty').optional(),
  dur_p50_ms: quantity('dur_p50_ms'),
  dur_p99_ms: quantity('dur_p99_ms'),
  mem_avg_mb: quantity('mem_avg_mb'),
  mem_p99_mb: quantity('mem_p99_mb'),
  mem_p100_mb: quantity('mem_p100_mb'),
});
const seriesSchema = z.object({
  series_id: z.string().min(1),
  pattern: z.string().min(1, 'pattern is empty').optional(),
  start: z.string().optional(),
});

/** Whether a folder holds counts, packed or not. */
export function holdsCounts(folder: string): boolean {
  return countsFile(folder) !== null;
}

/**
 * Reads `counts.csv.gz` or `counts.csv` (a line for each function: id, then the count of each minute) with the
 * `functions.csv` or `series.csv` beside it, which may be missing.
 * @throws RangeError that lists what is wrong with the files, all problems at once
 */
export function readTraceSet(folder: string): TraceSet {
  const file = countsFile(folder);
  if (!file) throw new RangeError(`${folder} holds neither counts.csv.gz nor counts.csv`);
  const problems: string[] = [];
  const rows = readCounts(file, problems);
  const series = existsSync(path.join(folder, 'series.csv'));
  const facts = series
    ? readFacts(path.join(folder, 'series.csv'), 'series_id', seriesSchema, problems)
    : readFacts(path.join(folder, 'functions.csv'), 'function_id', functionSchema, problems);
  const functions = [...rows].map(([id, counts]) => tracedFunction(id, counts, facts?.get(id)));
  if (facts) {
    const [missing] = [[...rows.keys()].filter((id) => !facts.has(id))];
    if (missing.length > 0) problems.push(`no line in ${series ? 'series' : 'functions'}.csv for ${some(missing)}`);
  }
  const length = functions[0]?.counts.length ?? 0;
  const others = functions.filter(({ counts }) => counts.length !== length).map(({ id }) => id);
  if (!series && others.length > 0) {
    problems.push(
      `all functions must have the same minutes: ${functions[0]?.id} has ${length}, not so ${some(others)}; ` +
        'lines of different length belong into a folder with a series.csv',
    );
  }
  if (functions.length === 0 && problems.length === 0) problems.push(`${file} is empty`);
  if (problems.length > 0) throw new RangeError(complaint(folder, problems));
  return { kind: series ? 'series' : 'functions', functions };
}

function countsFile(folder: string): string | null {
  return ['counts.csv.gz', 'counts.csv'].map((name) => path.join(folder, name)).find(existsSync) ?? null;
}

function readCounts(file: string, problems: string[]): Map<string, Float64Array> {
  const name = path.basename(file);
  const rows = new Map<string, Float64Array>();
  for (const [index, line] of textOf(file, problems).split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = `${name} line ${index + 1}`;
    const [id = '', ...cells] = line.trimEnd().split(',');
    const counts = Float64Array.from(cells, (cell) => (cell === '' ? Number.NaN : Number(cell)));
    const wrong = counts.findIndex((count) => !Number.isSafeInteger(count) || count < 0);
    if (id === '') problems.push(`${where}: the id is missing`);
    else if (rows.has(id)) problems.push(`${where}: ${id} was there before`);
    else if (counts.length === 0) problems.push(`${where}: ${id} has no counts`);
    else if (wrong >= 0)
      problems.push(`${where}: minute ${wrong} of ${id} is "${cells[wrong]}", not a whole number from 0 on`);
    rows.set(id, counts);
  }
  return rows;
}

function textOf(file: string, problems: string[]): string {
  try {
    const bytes = readFileSync(file);
    return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    problems.push(`${path.basename(file)} cannot be read: ${(error as Error).message}`);
    return '';
  }
}

type Facts = Partial<z.infer<typeof functionSchema> & z.infer<typeof seriesSchema>>;

function readFacts(file: string, key: string, schema: z.ZodType<Facts>, problems: string[]): Map<string, Facts> | null {
  if (!existsSync(file)) return null;
  const [head = '', ...lines] = textOf(file, problems).trimEnd().split('\n');
  const names = csvCells(head.trimEnd());
  const facts = new Map<string, Facts>();
  if (!names.includes(key)) {
    problems.push(`${path.basename(file)} has no column ${key}`);
    return facts;
  }
  lines.forEach((line, index) => {
    const cells = csvCells(line.trimEnd());
    const row = Object.fromEntries(names.map((name, column) => [name, cells[column]]));
    const read = schema.safeParse(row);
    for (const issue of read.error?.issues ?? [])
      problems.push(`${path.basename(file)} line ${index + 2}: ${issue.path.join('.')}: ${issue.message}`);
    facts.set(row[key] ?? '', read.data ?? {});
  });
  return facts;
}

function tracedFunction(id: string, counts: Float64Array, facts: Facts = {}): TracedFunction {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return {
    id,
    counts,
    tier: facts.tier ?? (mean <= 1 / 60 ? 'T0' : mean <= 0.1 ? 'T1' : mean <= 1 ? 'T2' : 'T3'),
    pattern: facts.pattern ?? facts.trigger ?? 'unknown',
    core: facts.core !== '0',
    firstMinute: firstMinuteOf(facts.start),
    profile: profileOf(facts),
  };
}

function profileOf(facts: Facts): ExecutionProfile | null {
  const { dur_p50_ms: p50Ms, dur_p99_ms: p99Ms, mem_avg_mb: memoryMb } = facts;
  if (p50Ms === undefined || p99Ms === undefined || memoryMb === undefined) return null;
  const { mem_p99_mb: memoryP99Mb, mem_p100_mb: memoryPeakMb } = facts;
  return {
    ...{ p50Ms, p99Ms, memoryMb },
    ...(memoryP99Mb === undefined ? {} : { memoryP99Mb }),
    ...(memoryPeakMb === undefined ? {} : { memoryPeakMb }),
  };
}

/** Of a start such as `1995-07-01T00:00-04:00 (Saturday)`: the clock there, not UTC. Anything else is a Monday at midnight. */
function firstMinuteOf(start: string | undefined): number {
  const [clock] = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.exec(start ?? '') ?? [];
  return clock === undefined ? MONDAY : Date.parse(`${clock}Z`) / 60_000;
}

function some(ids: readonly string[]): string {
  const rest = ids.length - 3;
  return ids.slice(0, 3).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function complaint(folder: string, problems: readonly string[]): string {
  const rest = problems.length - MOST_PROBLEMS;
  return [
    `${folder} cannot be used:`,
    ...problems.slice(0, MOST_PROBLEMS).map((problem) => `  - ${problem}`),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ].join('\n');
}
