import { randomFillSync } from 'node:crypto';
import { TRACEPARENT } from '../../core/trace/traceparent';

const POOL_BYTES = 16 * 256;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** Our entry in `tracestate`. */
const OURS = 'presage';
/** Entries that the header may have at most. */
const MAX_ENTRIES = 32;
/** What we know of the flags: sampled, and a random trace id. */
const FLAGS = 0x03;
const SAMPLED = '01';

/** The trace that a request belongs to (W3C Trace Context). */
export interface TraceContext {
  readonly traceId: string;
  /** The span that calls; null where the trace begins here. */
  readonly parentId: string | null;
  readonly flags: string;
  /** What was put under our own name into `tracestate`, by whomever; null where nothing was. */
  readonly own: string | null;
  /** The entries of others, as they came; empty where there are none. */
  readonly others: string;
}

/** The headers of a request that goes on from a trace, as one of its spans. */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate: string;
}

/** The caller's trace; a new one where there is none or a broken one, of which no entry counts either. */
export function traceContextOf(headers: Readonly<NodeJS.Dict<string | string[]>>): TraceContext {
  const { traceparent, tracestate } = headers;
  const form = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : null;
  // Of the first version nothing follows the flags; of later ones, what we know comes first.
  if (!form || (form[1] === '00' && form[5] !== undefined)) {
    return { traceId: newTraceId(), parentId: null, flags: SAMPLED, own: null, others: '' };
  }
  const [, , traceId = '', parentId = '', flags = SAMPLED] = form;
  const known = (Number.parseInt(flags, 16) & FLAGS).toString(16).padStart(2, '0');
  return { traceId, parentId, flags: known, ...entriesOf(tracestate) };
}

/** @param spanId of the span that the request is, 16 hexadecimal digits */
export function traceHeaders({ traceId, flags, others }: TraceContext, spanId: string): TraceHeaders {
  return {
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    // Whoever changes the header moves its own entry to the front.
    tracestate: others === '' ? `${OURS}=${spanId}` : `${OURS}=${spanId},${others}`,
  };
}

/** A trace as it came, to be taken up later: headers, flat. */
export function keptTrace({ traceId, parentId, flags, own, others }: TraceContext): string[] {
  // The span of whoever began the trace is as random as its id.
  const traceparent = `00-${traceId}-${parentId ?? traceId.slice(16)}-${flags}`;
  const entries = [...(own === null ? [] : [`${OURS}=${own}`]), ...(others === '' ? [] : [others])];
  return ['traceparent', traceparent, ...(entries.length === 0 ? [] : ['tracestate', entries.join()])];
}

function entriesOf(header: string | string[] | undefined): Pick<TraceContext, 'own' | 'others'> {
  if (header === undefined || header.length === 0) return { own: null, others: '' };
  const entries = String(header).split(',').map((entry) => entry.trim()).filter((entry) => entry !== ''); // prettier-ignore
  const mine = entries.find(isOurs);
  const others = entries.filter((entry) => !isOurs(entry)).slice(0, MAX_ENTRIES - 1);
  return { own: mine === undefined ? null : mine.slice(OURS.length + 1), others: others.join() };
}

function isOurs(entry: string): boolean {
  return entry.startsWith(`${OURS}=`);
}

function newTraceId(): string {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const traceId = pool.toString('hex', used, used + 16);
  used += 16;
  return traceId;
}
