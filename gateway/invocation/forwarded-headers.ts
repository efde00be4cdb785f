import type { IncomingMessage } from 'node:http';
import { isApiKey, isBearerOfOurs } from '../auth/api-key-header';
import type { TraceHeaders } from './trace-context';

/** Headers of one hop (RFC 9110 §7.6.1); `expect` is answered by the gateway, and `te` would ask for trailers. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);
/** Set by the gateway itself on every request. */
const REPLACED: ReadonlySet<string> = new Set([
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-request-id',
  'traceparent',
  'tracestate',
]);
const OURS = 'x-presage-';

/** What the gateway tells a function beside the caller's own headers. */
export interface ForwardedFacts {
  readonly invocationId: string;
  readonly instanceId: string;
  /** Unix milliseconds at which the total clock ends. */
  readonly deadline: number;
  /** As which span of which trace the function runs. */
  readonly trace: TraceHeaders;
  /** The `authorization` header was a token for the platform, and so is none of the function's business. */
  readonly tokenUsed: boolean;
  /** Of an asynchronous invocation: 1, 2, 3 …; null where the caller waits. */
  readonly attempt: number | null;
}

/** The caller's own headers, flat, without those of one hop, those that we set and the platform's keys. */
export function forwardable(request: IncomingMessage, tokenUsed: boolean): string[] {
  const raw = request.rawHeaders;
  const named = connectionNames(request.headers.connection);
  const out: string[] = [];
  let hosted = false;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || REPLACED.has(lower) || lower.startsWith(OURS) || named?.has(lower)) continue;
    if (lower === 'host') {
      // Of several the first counts, as it did for the route.
      if (hosted) continue;
      hosted = true;
    }
    if (lower === 'authorization' && (tokenUsed || isBearerOfOurs(value))) continue;
    if (lower === 'x-api-key' && isApiKey(value)) continue;
    out.push(name, value);
  }
  return out;
}

/** The headers that a function gets, flat: name, value, name, value. The platform's keys stay outside. */
export function requestHeaders(request: IncomingMessage, facts: ForwardedFacts): string[] {
  const out = forwardable(request, facts.tokenUsed);
  const { headers, socket } = request;
  const address = socket.remoteAddress ?? 'unknown';
  const before = headers['x-forwarded-for'];
  // Only a proxy on this machine is believed about how the caller came.
  const trusted = isLoopback(address);
  out.push(
    'x-forwarded-for',
    before === undefined ? address : `${String(before)}, ${address}`,
    'x-forwarded-proto',
    (trusted && single(headers['x-forwarded-proto'])) || ('encrypted' in socket ? 'https' : 'http'),
    'x-forwarded-host',
    (trusted && single(headers['x-forwarded-host'])) || (headers.host ?? ''),
    'x-request-id',
    facts.invocationId,
    'traceparent',
    facts.trace.traceparent,
    'tracestate',
    facts.trace.tracestate,
    'x-presage-instance',
    facts.instanceId,
    'x-presage-invocation',
    facts.invocationId,
    'x-presage-deadline',
    String(facts.deadline),
  );
  if (facts.attempt !== null) out.push('x-presage-attempt', String(facts.attempt));
  return out;
}

/** A function's response headers as they go to the caller, and what the runtime shim told in them. */
export interface ResponseHeaders {
  readonly headers: string[];
  /** CPU time of the request in microseconds, where the runtime measures it. */
  readonly cpuMicros: number | null;
}

/** @param raw name and value by turns, as they came */
export function responseHeaders(raw: readonly string[]): ResponseHeaders {
  const headers: string[] = [];
  let cpuMicros: number | null = null;
  let named: ReadonlySet<string> | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    const lower = name.toLowerCase();
    if (lower === 'connection') named = connectionNames(value) ?? named;
    if (HOP_BY_HOP.has(lower) || lower === 'x-request-id') continue;
    if (lower.startsWith(OURS)) {
      if (lower === 'x-presage-cpu-us' && /^\d{1,15}$/.test(value)) cpuMicros = Number(value);
      continue;
    }
    headers.push(name, value);
  }
  return { headers: named ? without(headers, named) : headers, cpuMicros };
}

/** Header names that a Connection header makes hop-by-hop, beyond the usual ones. */
function connectionNames(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection.length === 0) return undefined;
  const lower = connection.toLowerCase();
  if (lower === 'keep-alive' || lower === 'close') return undefined;
  return new Set(lower.split(',').map((name) => name.trim()));
}

function without(headers: readonly string[], names: ReadonlySet<string>): string[] {
  return headers.filter((_, i) => !names.has((headers[i - (i % 2)] as string).toLowerCase()));
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
