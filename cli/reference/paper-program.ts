import { PassThrough } from 'node:stream';
import { makeProgram } from '../program';
import type { Verb } from '../verb';

/** The command line with nothing behind it, to be read. */
export function paperProgram(): Verb {
  const nowhere = new PassThrough();
  const stopped = new AbortController().signal;
  const streams = { stdin: nowhere, stdout: nowhere, stderr: nowhere };
  return makeProgram({ ...streams, env: {}, cwd: '/', home: '/', stopped }, () => undefined);
}
