import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { assetPath } from '../../../drivers/asset-path';
import { cacheDir } from '../../../workers/cache-dir';
import type { AnchorEnvironment } from './anchor-environment';

const run = promisify(execFile);

const FOLDER = 'bench/forecast/anchors';
const SCRIPTS = ['anchors.py', 'local_models.py', 'global_trees.py'];
const RUN_MS = 40 * 60_000;

/** As the scripts know them. */
export type AnchorModel = 'arima-212' | 'autoarima' | 'autoets' | 'mstl' | 'lightgbm-l1' | 'lightgbm-l2';

/** Functions with counts of the same bins; a global model is fitted to those of one part together. */
export interface AnchorPart {
  readonly counts: readonly Float64Array[];
  /** The first bin that nothing is fitted to. */
  readonly trainEnd: number;
  /** Minutes from a Monday, midnight, to the first bin. */
  readonly firstMinute: number;
}

export interface AnchorJob {
  readonly model: AnchorModel;
  readonly binMinutes: number;
  /** Bins ahead, and from one origin to the next. */
  readonly steps: number;
  readonly parts: readonly AnchorPart[];
}

/** What a model said: for each part functions × origins × steps, and what it took for all parts together. */
export interface AnchorForecasts {
  readonly parts: readonly Float32Array[];
  readonly cpuSeconds: number;
  /** By how much its process grew at most. */
  readonly peakBytes: number;
  /** Said by an earlier run for equal data, scripts and versions. */
  readonly cached: boolean;
}

const costSchema = z.object({ cpuSeconds: z.number(), peakBytes: z.number() });

/**
 * Runs a model of the anchors, or reads from the cache what it said before.
 * @throws Error with the end of what Python said when it fails
 */
export async function anchorForecasts(
  { python, versions }: AnchorEnvironment,
  job: AnchorJob,
): Promise<AnchorForecasts> {
  const kept = path.join(cacheDir(), 'forecast', 'predictions', keyOf(job, versions));
  const read = (folder: string, cached: boolean): AnchorForecasts => ({
    ...costSchema.parse(JSON.parse(readFileSync(path.join(folder, 'cost.json'), 'utf8'))),
    parts: job.parts.map((part, index) => forecastsIn(path.join(folder, `${index}.f32`), part, job.steps)),
    cached,
  });
  try {
    return read(kept, true);
  } catch {
    // Not there, or not whole: it is made anew.
  }
  const work = mkdtempSync(path.join(tmpdir(), 'presage-anchors-'));
  try {
    writeFileSync(path.join(work, 'cost.json'), await runPython(python, job, work));
    const forecasts = read(work, false);
    keep(work, kept, job.parts.length);
    return forecasts;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function keyOf({ parts, ...job }: AnchorJob, versions: AnchorEnvironment['versions']): string {
  const hash = createHash('sha256').update(JSON.stringify([job, versions]));
  for (const script of SCRIPTS) hash.update(readFileSync(assetPath(path.join(FOLDER, script))));
  for (const { counts, ...part } of parts) {
    hash.update(JSON.stringify([part, counts.length]));
    for (const each of counts) hash.update(new Uint8Array(each.buffer, each.byteOffset, each.byteLength));
  }
  return hash.digest('hex').slice(0, 24);
}

/** Its last line of output: what it took. */
async function runPython(python: string, { parts, ...job }: AnchorJob, work: string): Promise<string> {
  const described = parts.map(({ counts, trainEnd, firstMinute }, index) => {
    const file = path.join(work, `${index}.f64`);
    writeFileSync(file, Buffer.concat(counts.map((each) => new Uint8Array(each.buffer, each.byteOffset, each.byteLength)))); // prettier-ignore
    const forecasts = path.join(work, `${index}.f32`);
    return { counts: file, functions: counts.length, trainEnd, firstMinute, forecasts };
  });
  const file = path.join(work, 'job.json');
  writeFileSync(file, JSON.stringify({ ...job, parts: described }));
  const { stdout } = await run(python, ['-B', assetPath(path.join(FOLDER, 'anchors.py')), file], { timeout: RUN_MS });
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}

function forecastsIn(file: string, { counts, trainEnd }: AnchorPart, steps: number): Float32Array {
  const bytes = readFileSync(file);
  const origins = Math.floor(((counts[0]?.length ?? 0) - trainEnd) / steps);
  if (bytes.byteLength !== counts.length * origins * steps * Float32Array.BYTES_PER_ELEMENT) {
    throw new Error(`${file} holds ${bytes.byteLength} bytes, not a forecast for each function and origin`);
  }
  // A copy: what was read may begin anywhere in a larger buffer.
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/** Whole or not at all, also when two benches run at once. */
function keep(work: string, kept: string, parts: number): void {
  const whole = `${kept}.${process.pid}`;
  mkdirSync(whole, { recursive: true });
  for (const name of ['cost.json', ...Array.from({ length: parts }, (_, index) => `${index}.f32`)]) {
    writeFileSync(path.join(whole, name), readFileSync(path.join(work, name)));
  }
  rmSync(kept, { recursive: true, force: true });
  renameSync(whole, kept);
}
