import { heldBatchJson, readHeldBatch, type HeldBatch } from '../core/cost/warmth/held-batch';
import { createLocalSpool } from '../drivers/spool/local/local-spool';
import type { Spool } from '../drivers/spool/spool';

/** A report of a hundred functions takes some 30 kB, and there are six a minute: half a day of an outage. */
const MOST_BYTES = 128 * 2 ** 20;

/** Where reports of what is kept warm wait while the store is away. */
export function heldSpool(dir: string, log: { warn(fields: object, message: string): void }): Spool<HeldBatch> {
  return createLocalSpool({ dir, maxBytes: MOST_BYTES, write: heldBatchJson, read: readHeldBatch, log });
}
