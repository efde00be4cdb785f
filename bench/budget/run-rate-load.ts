import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { RateLoadOptions, RateLoadResult } from './rate-load';

const run = promisify(execFile);
const GRACE_MS = 30_000;
/** A hundred bytes for each of some hundred thousand outcomes. */
const MOST_BYTES = 256 * 2 ** 20;

/** Runs one load in a process of its own, so that neither it nor the bench slows the other. */
export async function runRateLoad(options: RateLoadOptions): Promise<RateLoadResult> {
  const { stdout } = await run(process.execPath, [path.join(__dirname, 'rate-load.js'), JSON.stringify(options)], {
    timeout: options.seconds * 1_000 + GRACE_MS,
    maxBuffer: MOST_BYTES,
  });
  return JSON.parse(stdout) as RateLoadResult;
}
