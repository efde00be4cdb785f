import { z } from 'zod';
import type { HeldRow } from './held-row';
import type { WarmthPrices } from './warmth-cost';

/** What rested on a node since the batch before: written once, however often it is repeated. */
export interface HeldBatch {
  /** A UUID. */
  readonly id: string;
  readonly node: string;
  /** By what it is priced, as text; rows of other prices are kept apart. */
  readonly pricing: string;
  readonly prices: WarmthPrices;
  /** One for each function and minute. */
  readonly rows: readonly HeldRow[];
}

const byteMs = z
  .string()
  .regex(/^\d{1,30}$/, 'no whole number')
  .transform(BigInt);
const price = z.number().min(0).max(1e9);

const batchSchema = z.strictObject({
  id: z.uuid(),
  node: z.string(),
  pricing: z.string(),
  prices: z.strictObject({ gbSecondRunning: price, gbSecondFrozen: price }),
  rows: z.array(
    z.strictObject({
      tenant: z.string().nullable(),
      functionId: z.string(),
      function: z.string(),
      minute: z.coerce.date(),
      runningByteMs: byteMs,
      frozenByteMs: byteMs,
      sharedByteMs: byteMs,
    }),
  ),
}) satisfies z.ZodType<HeldBatch>;

/** As it lies on a disk while the store is away: JSON has no whole numbers of that size. */
export function heldBatchJson(batch: HeldBatch): unknown {
  return { ...batch, rows: batch.rows.map(heldRowJson) };
}

export function heldRowJson(row: HeldRow): object {
  return {
    ...row,
    runningByteMs: String(row.runningByteMs),
    frozenByteMs: String(row.frozenByteMs),
    sharedByteMs: String(row.sharedByteMs),
  };
}

/** @throws ZodError for what is none */
export function readHeldBatch(value: unknown): HeldBatch {
  return batchSchema.parse(value);
}
