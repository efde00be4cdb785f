import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { LoadOptions, LoadResult } from './load-process';

const run = promisify(execFile);
/** Past what a load says it takes: a peer that hangs must not hang the bench. */
const GRACE_MS = 20_000;

/** Runs one load in a process of its own, so that neither it nor the bench slows the other. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { stdout } = await run(process.execPath, [path.join(__dirname, 'load-process.js'), JSON.stringify(options)], {
    timeout: options.warmUpMs + options.measureMs + GRACE_MS,
  });
  return JSON.parse(stdout) as LoadResult;
}
