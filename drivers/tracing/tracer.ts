import { randomFillSync } from 'node:crypto';
import type { Span } from '../../core/trace/span';

/** Takes spans that have ended, and sees to it that they come to whoever shows them. */
export interface Tracer {
  /** Of the traces that begin in this process, how many are kept: 0 to 1. */
  readonly ratio: number;
  /** Returns at once, and never throws. */
  ended(span: Span): void;
  /** Sends what is left, for at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}

const POOL_BYTES = 8 * 256;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** 16 hexadecimal digits. */
export function newSpanId(): string {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const spanId = pool.toString('hex', used, used + 8);
  used += 8;
  // One of zeros alone is none.
  return /^0+$/.test(spanId) ? newSpanId() : spanId;
}
