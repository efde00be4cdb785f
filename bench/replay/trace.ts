import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { assetPath } from '../../drivers/asset-path';

/** One function of a trace: invocations in each minute, and how long one takes. */
export interface TraceFunction {
  readonly id: string;
  readonly pattern: string;
  readonly executeMs: number;
  readonly counts: readonly number[];
}

/** One request to send: `at` milliseconds after the start of the replay. */
export interface Arrival {
  readonly at: number;
  readonly index: number;
}

/**
 * A trace by name (a folder in bench/data) or by path, with counts.csv or counts.csv.gz and functions.csv.
 * @throws Error naming the traces there are, or the file and line that cannot be read
 */
export function loadTrace(name: string): TraceFunction[] {
  const data = assetPath('bench/data');
  const folder = existsSync(path.join(data, name)) ? path.join(data, name) : path.resolve(name);
  const plain = path.join(folder, 'counts.csv');
  const packed = `${plain}.gz`;
  if (!existsSync(plain) && !existsSync(packed)) {
    throw new Error(
      `There is no trace "${name}": give a folder with counts.csv, or one of ${readdirSync(data).join(', ')}`,
    );
  }
  const text = existsSync(plain) ? readFileSync(plain, 'utf8') : gunzipSync(readFileSync(packed)).toString('utf8');
  const facts = readFacts(path.join(folder, 'functions.csv'));
  return text
    .trimEnd()
    .split('\n')
    .map((line, index) => {
      const [id = '', ...cells] = line.split(',');
      const counts = cells.map(Number);
      if (counts.some((count) => !Number.isInteger(count) || count < 0))
        throw new Error(`${folder}/counts.csv line ${index + 1}: counts must be whole numbers from 0`);
      return { id, counts, pattern: facts.get(id)?.pattern ?? 'unknown', executeMs: facts.get(id)?.executeMs ?? 50 };
    });
}

function readFacts(file: string): Map<string, { pattern: string; executeMs: number }> {
  const facts = new Map<string, { pattern: string; executeMs: number }>();
  if (!existsSync(file)) return facts;
  const [head = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const column = (name: string): number => head.split(',').indexOf(name);
  const [id, pattern, execute] = [
    column('function_id'),
    column('pattern'),
    Math.max(column('exec_ms'), column('exec_ms_m5zn')),
  ];
  for (const line of lines) {
    const cells = line.split(',');
    facts.set(cells[id] ?? '', { pattern: cells[pattern] ?? 'unknown', executeMs: Number(cells[execute]) || 50 });
  }
  return facts;
}

/**
 * Picks `count` functions that are active in the window, every kind of pattern in turn, so that a small replay is not
 * all of one sort.
 */
export function pickFunctions(
  trace: readonly TraceFunction[],
  count: number,
  from: number,
  minutes: number,
): TraceFunction[] {
  const active = trace.filter((item) => item.counts.slice(from, from + minutes).some((value) => value > 0));
  const byPattern = groupBy(active);
  const queues = [...byPattern.values()].map((items) => [...items]);
  const picked: TraceFunction[] = [];
  while (picked.length < count && queues.some((queue) => queue.length > 0)) {
    for (const queue of queues) {
      const next = queue.shift();
      if (next && picked.length < count) picked.push(next);
    }
  }
  return picked;
}

function groupBy(items: readonly TraceFunction[]): Map<string, TraceFunction[]> {
  const groups = new Map<string, TraceFunction[]>();
  for (const item of items) groups.set(item.pattern, [...(groups.get(item.pattern) ?? []), item]);
  return groups;
}

/** Arrivals in order: each minute's invocations at random moments of it, time running `speed` times as fast. */
export function arrivalsOf(
  functions: readonly TraceFunction[],
  from: number,
  minutes: number,
  speed: number,
  random: () => number,
): Arrival[] {
  const arrivals: Arrival[] = [];
  functions.forEach((item, index) => {
    for (let minute = 0; minute < minutes; minute++) {
      for (let call = 0; call < (item.counts[from + minute] ?? 0); call++)
        arrivals.push({ at: ((minute + random()) * 60_000) / speed, index });
    }
  });
  return arrivals.sort((a, b) => a.at - b.at);
}
