import type { Logger } from 'pino';
import { otlpJson } from '../../../core/trace/otlp-json';
import type { Span } from '../../../core/trace/span';
import type { Tracer } from '../tracer';

export interface OtlpTracerOptions {
  /** Where spans are posted: the whole of it, `/v1/traces` included. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ratio: number;
  readonly timeoutMs: number;
  /** What this process is: `service.name` and the like. */
  readonly resource: Readonly<Record<string, string>>;
  readonly log: Pick<Logger, 'warn'>;
  /** How long spans are gathered; default 2 s. */
  readonly gatherMs?: number;
}

/** Spans in one message, and spans that wait at most: a collector that is away costs spans, never memory or calls. */
const BATCH = 512;
const MAX_WAITING = 8_192;
const GATHER_MS = 2_000;
const WARN_EVERY_MS = 60_000;

/** Sends spans by OTLP over HTTP, in JSON: any collector takes it, and it needs no library on the way of a call. */
export function createOtlpTracer(options: OtlpTracerOptions): Tracer {
  const { url, ratio, timeoutMs, resource, log, gatherMs = GATHER_MS } = options;
  const headers = { ...options.headers, 'content-type': 'application/json' };
  let waiting: Span[] = [];
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  let warnedAt = -Infinity;

  const warn = (reason: string): void => {
    if (performance.now() - warnedAt < WARN_EVERY_MS) return;
    warnedAt = performance.now();
    log.warn({ event: 'tracing.failed', url, reason, dropped }, 'Spans could not be sent');
  };
  const post = async (spans: readonly Span[]): Promise<void> => {
    try {
      const body = otlpJson(spans, resource);
      const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) });
      await response.arrayBuffer();
      if (response.ok) return;
      dropped += spans.length;
      warn(`status ${response.status}`);
    } catch (error) {
      dropped += spans.length;
      warn(reasonOf(error));
    }
  };
  const send = async (): Promise<void> => {
    while (waiting.length > 0) await post(waiting.splice(0, BATCH));
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    sending ??= send().finally(() => (sending = undefined));
  };
  return {
    ratio,
    ended: (span) => {
      if (waiting.length >= MAX_WAITING) {
        dropped += 1;
        return;
      }
      waiting.push(span);
      if (waiting.length >= BATCH) flush();
      else timer ??= setTimeout(flush, gatherMs).unref();
    },
    close: async (graceMs) => {
      flush();
      const grace = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
      await Promise.race([sending, grace]);
      waiting = [];
    },
  };
}

/** `fetch` says what is wrong in its cause. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { message?: unknown } };
  return typeof cause?.message === 'string' ? cause.message : String(error);
}
