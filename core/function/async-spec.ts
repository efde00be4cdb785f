import { z } from 'zod';
import { nameSchema } from './name-schema';
import { parseDuration } from './quantity';
import { durationSchema } from './quantity-schema';

const destination = z.strictObject({ function: nameSchema.describe('a function of the same tenant') });

/** `spec.async` of a manifest: what becomes of invocations that were answered with 202. */
export const asyncSpecSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('false: Prefer: respond-async is refused'),
    retries: z.number().int().min(0).max(100).default(3).describe('tries after the first, where the function failed'),
    backoff: z
      .strictObject({
        first: durationSchema.default('1s').describe('before the first retry; doubled for each further one'),
        max: durationSchema.default('5m'),
      })
      .prefault({}),
    maxAge: durationSchema.default('6h').describe('no try begins later than this after the acceptance'),
    resultsFor: durationSchema.default('24h').describe('how long answers, and idempotency keys, are kept'),
    deadLettersFor: durationSchema.default('14d').describe('how long dead letters are kept for a redrive'),
    onSuccess: destination.optional().describe('invoked with what became of each that was answered below 400'),
    onFailure: destination.optional().describe('invoked with what became of each other'),
  })
  .prefault({});

export type AsyncSpec = z.infer<typeof asyncSpecSchema>;

/** No try of an asynchronous invocation may outlast the lease under which a gateway holds it, milliseconds. */
const LONGEST_LEASE_MS = 4 * 3_600_000;

/** What cannot be said of one field alone; paths within `spec`. */
export function asyncProblems(spec: {
  readonly timeouts: { readonly start: string; readonly total: string };
  readonly async: AsyncSpec;
  readonly triggers: readonly unknown[];
}): { path: string[]; message: string }[] {
  const { timeouts, async: own, triggers } = spec;
  const durations = [timeouts.start, timeouts.total, own.backoff.first, own.backoff.max];
  // One that is not a duration has its own problem already.
  if (durations.some((text) => !durationSchema.safeParse(text).success)) return [];
  const [start = 0, total = 0, first = 0, max = 0] = durations.map(parseDuration);
  const problems: { path: string[]; message: string }[] = [];
  if (!own.enabled) {
    if (triggers.length > 0) problems.push({ path: ['async', 'enabled'], message: 'triggers need it to be true' });
    return problems;
  }
  if (start + total >= LONGEST_LEASE_MS) {
    const why = 'timeouts.start and timeouts.total together must be below 4h, the longest lease of an asynchronous try';
    problems.push({ path: ['timeouts', 'total'], message: `${why}; shorten them or set async.enabled: false` });
  }
  if (first > max) problems.push({ path: ['async', 'backoff', 'first'], message: `${own.backoff.first} is above max ${own.backoff.max}` }); // prettier-ignore
  return problems;
}
