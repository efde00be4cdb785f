import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { csvCells } from '../../traces/csv-cells';

/** Single calls of one function. */
export interface RequestTimes {
  readonly id: string;
  /** Seconds from the first call, rising. */
  readonly at: Float64Array;
  /** Seconds that each of them takes. */
  readonly executeSeconds: Float64Array;
}

const FILES = /\.csv(\.gz)?$/;
const MOST_PROBLEMS = 20;
/** The trace has tokens, not times: a call takes a tenth of a second and a fortieth for each token it generates. */
const FIRST_SECONDS = 0.1;
const TOKEN_SECONDS = 0.025;

const rowSchema = z.object({
  t_s: z.coerce.number({ error: 't_s must be seconds from 0 on' }).nonnegative(),
  generated_tokens: z.coerce.number({ error: 'generated_tokens must be a whole number from 0 on' }).int().nonnegative(),
});

/** Names of the files of a folder that may hold single requests. */
export function requestFiles(folder: string, names: readonly string[]): string[] {
  return names
    .filter((name) => FILES.test(name))
    .map((name) => path.join(folder, name))
    .filter(existsSync);
}

/**
 * Reads requests, a line for each with the columns `t_s` and `generated_tokens`.
 * @throws RangeError that lists what is wrong, all problems at once
 */
export function readRequestTimes(file: string): RequestTimes {
  const name = path.basename(file);
  const bytes = readFileSync(file);
  const [head = '', ...lines] = textOf(bytes, name).trimEnd().split('\n');
  const columns = csvCells(head.trimEnd());
  const problems = ['t_s', 'generated_tokens'].flatMap((column) =>
    columns.includes(column) ? [] : [`no column ${column}`],
  );
  const at: number[] = [];
  const executeSeconds: number[] = [];
  if (problems.length === 0) {
    lines.forEach((line, index) => {
      const cells = csvCells(line.trimEnd());
      const row = rowSchema.safeParse(
        Object.fromEntries(columns.map((column, cell) => [column, cells[cell] || undefined])),
      );
      const where = `line ${index + 2}`;
      for (const { message, path: [column] } of row.error?.issues ?? []) problems.push(`${where}: ${String(column)}: ${message}`); // prettier-ignore
      if (!row.data) return;
      if (row.data.t_s < (at.at(-1) ?? 0)) problems.push(`${where}: t_s goes back, sort the lines by it`);
      at.push(row.data.t_s);
      executeSeconds.push(FIRST_SECONDS + TOKEN_SECONDS * row.data.generated_tokens);
    });
    if (at.length === 0 && problems.length === 0) problems.push('there are no requests in it');
  }
  if (problems.length > 0) throw new RangeError(complaint(name, problems));
  return { id: name.replace(FILES, ''), at: Float64Array.from(at), executeSeconds: Float64Array.from(executeSeconds) };
}

function textOf(bytes: Buffer, name: string): string {
  try {
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw new RangeError(`${name} cannot be read: ${(error as Error).message}`);
  }
}

function complaint(name: string, problems: readonly string[]): string {
  const rest = problems.length - MOST_PROBLEMS;
  const told = problems.slice(0, MOST_PROBLEMS).map((problem) => `  - ${problem}`);
  return [`${name} cannot be used:`, ...told, ...(rest > 0 ? [`  and ${rest} more`] : [])].join('\n');
}
