import type { Readable } from 'node:stream';
import { PlatformError, type Problem } from '../../core/error/platform-error';
import { CountsReader, type CountsLine } from '../../core/history/counts-reader';
import { MINUTE_COUNT_DAYS, type ImportedSeries } from '../../drivers/store/history-store';
import type { ApiContext } from './api-context';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const BOUNDS = { lines: 1_000, minutes: MINUTE_COUNT_DAYS * DAY_MINUTES };
/** Problems told in one answer. */
const TOLD = 100;

/** Where the minutes of a file lie in time: by its first minute, or by the end of its last one. */
export type HistoryTime = { readonly from: Date } | { readonly end: Date };

/** A line of a file, and the function that it is the past of. */
export interface IntendedSeries extends ImportedSeries {
  readonly name: string;
  /** Requests in all. */
  readonly total: number;
}

/**
 * Reads a file of counts as it comes in, so that the gateway serves others meanwhile, and says which function each line belongs to and when its minutes
 * were. The body is read to its end, or the caller would not get to read the refusal.
 * @throws PlatformError invalid_argument with all problems at once; payload_too_large
 */
export async function takeInHistory(
  context: Pick<ApiContext, 'store' | 'now'>,
  body: Readable,
  { tenant, time, maxBytes }: { readonly tenant: string; readonly time: HistoryTime; readonly maxBytes: number },
): Promise<readonly IntendedSeries[]> {
  const { lines, problems: found } = (await readCounts(body, maxBytes)).end();
  const problems = [...found];
  const series: IntendedSeries[] = [];
  const now = Math.floor(context.now().getTime() / MINUTE_MS);
  for (const line of lines) {
    const fn = await context.store.findFunction(tenant, line.id);
    const first = firstMinute(line, time);
    if (!fn) problems.push({ path: line.id, message: 'is not a function of this tenant', hint: UNKNOWN });
    problems.push(...problemsOfTime(line, first, now));
    const { counts, total } = line;
    if (fn) series.push({ name: fn.name, functionId: fn.id, first: new Date(first * MINUTE_MS), counts, total });
  }
  if (problems.length > 0) throw refused(problems);
  return series;
}

async function readCounts(body: Readable, maxBytes: number): Promise<CountsReader> {
  const reader = new CountsReader(BOUNDS);
  const decoder = new TextDecoder();
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= maxBytes) reader.push(decoder.decode(chunk, { stream: true }));
    }
  } catch (error) {
    throw new PlatformError('invalid_argument', 'The upload was broken off.', { cause: error });
  }
  if (bytes > maxBytes) throw tooLarge(bytes, maxBytes);
  return reader;
}

/** @throws PlatformError payload_too_large */
export function tooLarge(bytes: number, maxBytes: number): PlatformError {
  return new PlatformError('payload_too_large', `The counts have ${bytes} bytes; ${maxBytes} are allowed.`, {
    hint: 'Send fewer functions at a time.',
  });
}

const UNKNOWN = 'Deploy it first, or name another by --map id=function.';

function firstMinute({ counts }: CountsLine, time: HistoryTime): number {
  return 'from' in time ? time.from.getTime() / MINUTE_MS : time.end.getTime() / MINUTE_MS - counts.length;
}

function problemsOfTime({ id, counts }: CountsLine, first: number, now: number): Problem[] {
  const problems: Problem[] = [];
  if (first + counts.length > now) {
    const end = new Date((first + counts.length) * MINUTE_MS).toISOString();
    problems.push({
      path: id,
      message: `goes on to ${end}, which is not over yet`,
      hint: 'A past ends now at the latest.',
    });
  }
  if (first < now - BOUNDS.minutes) {
    const begin = new Date(first * MINUTE_MS).toISOString();
    const hint = `Minutes are kept for ${MINUTE_COUNT_DAYS} days; leave the older ones out, or give another time.`;
    problems.push({ path: id, message: `begins at ${begin}, too long ago`, hint });
  }
  return problems;
}

function refused(problems: readonly Problem[]): PlatformError {
  const more = problems.length > TOLD ? ` The first ${TOLD} are told.` : '';
  const message = `The counts have ${problems.length} problem(s); nothing was imported.${more}`;
  return new PlatformError('invalid_argument', message, { problems: problems.slice(0, TOLD) });
}
