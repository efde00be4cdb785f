/** `traceparent` of W3C Trace Context: version, trace, span, flags, and what later versions may add. */
export const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** What it is called in headers, and in the memo of a workflow that a traced request has started. */
export const TRACEPARENT_KEY = 'traceparent';

const SAMPLED = 0x01;

/** A span that others go on from. */
export interface SpanContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Its spans are kept. */
  readonly sampled: boolean;
}

/** Null for what is not well-formed. */
export function parseTraceparent(text: string): SpanContext | null {
  const form = TRACEPARENT.exec(text);
  if (!form) return null;
  const [, , traceId = '', spanId = '', flags = '00'] = form;
  return { traceId, spanId, sampled: isSampled(flags) };
}

export function formatTraceparent({ traceId, spanId, sampled }: SpanContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** @param flags two hexadecimal digits */
export function isSampled(flags: string): boolean {
  return (Number.parseInt(flags, 16) & SAMPLED) !== 0;
}

/** Of the trace id, those digits that W3C Trace Context level 2 says are random. */
const RANDOM_DIGITS = 14;

/**
 * Whether a trace that begins here is kept: all processes that are asked come to the same, because the trace id decides, as in
 * OpenTelemetry's consistent probability sampling. @param ratio 0 to 1
 */
export function keptByRatio(traceId: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  return BigInt(`0x${traceId.slice(-RANDOM_DIGITS)}`) < BigInt(Math.floor(ratio * 2 ** 53)) << 3n;
}
