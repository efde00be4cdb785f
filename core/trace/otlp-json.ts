import type { Span, SpanKind } from './span';

const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };
/** `STATUS_CODE_ERROR`; an unset one stands for all that went well. */
const FAILED = 2;
const SCOPE = 'presage';

type Attributes = Readonly<Record<string, string | number | boolean>>;

/**
 * Spans as the body of `POST /v1/traces`: OTLP 1.x in its JSON form, which every collector that takes OTLP over HTTP takes.
 * @param resource what made them: `service.name` and the like
 */
export function otlpJson(spans: readonly Span[], resource: Attributes): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: SCOPE }, spans: spans.map(spanOf) }],
      },
    ],
  });
}

function spanOf({ traceId, spanId, parentId, name, kind, startMs, endMs, attributes, error }: Span): object {
  return {
    traceId,
    spanId,
    ...(parentId === null ? {} : { parentSpanId: parentId }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(Math.max(startMs, endMs)),
    attributes: attributesOf(attributes),
    status: error === null ? {} : { code: FAILED, message: error },
  };
}

function attributesOf(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }));
}

function valueOf(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  // 64-bit numbers are texts in protobuf's JSON, and so is what is no number to JSON.
  if (Number.isSafeInteger(value)) return { intValue: String(value) };
  return { doubleValue: Number.isFinite(value) ? value : String(value) };
}

/** As text: more than a number of JSON holds exactly. */
function nanoseconds(unixMs: number): string {
  const whole = Math.floor(unixMs);
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((unixMs - whole) * 1e6)));
}
