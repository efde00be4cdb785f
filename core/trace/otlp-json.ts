import type { Span, SpanKind } from './span';

const KINDS: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };
/** `STATUS_CODE_ERROR`; an unset one stands for all that went well. */
const FAILED = 2;
const SCOPE = 'presage';

type Attributes = Readonly<Record<string, string | number | boolean>>;

/**
 * Spans as the body of `POST /v1/traces`: OTLP 1.x in its JSON form, which every collector that takes OTLP over HTTP takes. Written
 * as text at once: a gateway that keeps every trace makes thousands of spans a second, and a tree of objects for each costs several
 * times what its text does.
 * @param resource what made them: `service.name` and the like
 */
export function otlpJson(spans: readonly Span[], resource: Attributes): string {
  const scope = `{"scope":{"name":"${SCOPE}"},"spans":[${spans.map(spanOf).join()}]}`;
  return `{"resourceSpans":[{"resource":{"attributes":${attributesOf(resource)}},"scopeSpans":[${scope}]}]}`;
}

function spanOf({ traceId, spanId, parentId, name, kind, startMs, endMs, attributes, error }: Span): string {
  const parent = parentId === null ? '' : `"parentSpanId":"${parentId}",`;
  const from = nanoseconds(startMs);
  const to = nanoseconds(Math.max(startMs, endMs));
  const status = error === null ? '{}' : `{"code":${FAILED},"message":${JSON.stringify(error)}}`;
  return (
    `{"traceId":"${traceId}","spanId":"${spanId}",${parent}"name":${JSON.stringify(name)},"kind":${KINDS[kind]},` +
    `"startTimeUnixNano":"${from}","endTimeUnixNano":"${to}","attributes":${attributesOf(attributes)},"status":${status}}`
  );
}

function attributesOf(attributes: Attributes): string {
  let text = '';
  for (const key in attributes) {
    const value = attributes[key];
    if (value === undefined) continue;
    text += `${text === '' ? '' : ','}{"key":${JSON.stringify(key)},"value":${valueOf(value)}}`;
  }
  return `[${text}]`;
}

function valueOf(value: string | number | boolean): string {
  if (typeof value === 'string') return `{"stringValue":${JSON.stringify(value)}}`;
  if (typeof value === 'boolean') return `{"boolValue":${value}}`;
  // 64-bit numbers are texts in protobuf's JSON, and so is what is no number to JSON.
  if (Number.isSafeInteger(value)) return `{"intValue":"${value}"}`;
  return `{"doubleValue":${Number.isFinite(value) ? value : `"${value}"`}}`;
}

/** As text: more than a number of JSON holds exactly. Digits are put side by side, which needs no large integers. */
function nanoseconds(unixMs: number): string {
  let whole = Math.floor(unixMs);
  let rest = Math.round((unixMs - whole) * 1e6);
  if (rest === 1e6) [whole, rest] = [whole + 1, 0];
  return `${whole}${String(rest).padStart(6, '0')}`;
}
