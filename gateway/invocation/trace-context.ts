import { randomFillSync } from 'node:crypto';

const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;
const POOL_BYTES = 24 * 256;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

export interface TraceContext {
  /** The W3C header that the function gets. */
  readonly traceparent: string;
  readonly traceId: string;
}

/** The caller's trace passed on as it is; a new one where there is none or a broken one. */
export function traceContextOf(header: string | string[] | undefined): TraceContext {
  if (typeof header === 'string') {
    const traceId = FORM.exec(header)?.[1];
    if (traceId !== undefined) return { traceparent: header, traceId };
  }
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const traceId = pool.toString('hex', used, used + 16);
  const spanId = pool.toString('hex', used + 16, used + 24);
  used += 24;
  return { traceparent: `00-${traceId}-${spanId}-01`, traceId };
}
