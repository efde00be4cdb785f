/** What a span is of, as OpenTelemetry has it: an answer to a caller, a call to another, a message to whom nobody waits for, or a part of them. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** A piece of work that has ended, as a part of a trace. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** Null: the trace begins with it. */
  readonly parentId: string | null;
  readonly name: string;
  readonly kind: SpanKind;
  /** Unix milliseconds, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Why it failed; null when it did not. */
  readonly error: string | null;
}
