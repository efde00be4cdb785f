import { z } from 'zod';
import { durationIn as duration } from '../core/function/quantity-schema';

/** Where traces go; without an endpoint there are none. The variables of OpenTelemetry do the same (`tracingOf`). */
export const tracingSettingsSchema = z.strictObject({
  /** A collector that takes OTLP over HTTP, such as `http://127.0.0.1:4318`; `/v1/traces` is added. */
  endpoint: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL, such as http://127.0.0.1:4318' }).optional(),
  headers: z.record(z.string(), z.string()).default({}),
  /** Of traces that begin here, the part that is kept. Those that callers bring are kept as their `traceparent` says. */
  ratio: z.coerce.number().min(0).max(1).optional(),
  timeout: duration.prefault('10s'),
});
export type TracingSettings = z.infer<typeof tracingSettingsSchema>;

/** What a process needs to know to send its spans. */
export interface TracingTarget {
  /** `/v1/traces` included. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ratio: number;
  readonly timeoutMs: number;
  readonly resource: Readonly<Record<string, string>>;
}

/**
 * The configuration, then OpenTelemetry's own variables: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` (the whole URL),
 * `OTEL_EXPORTER_OTLP_ENDPOINT` (without the path), `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER_ARG`,
 * `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SDK_DISABLED`. Null: there is no tracing.
 */
export function tracingOf(
  { endpoint, headers, ratio, timeout }: TracingSettings,
  env: NodeJS.ProcessEnv = process.env,
): TracingTarget | null {
  if (env['OTEL_SDK_DISABLED'] === 'true') return null;
  const base = endpoint ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const whole = endpoint === undefined ? env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] : undefined;
  const url = whole || (base ? `${base.replace(/\/+$/, '')}/v1/traces` : undefined);
  if (!url) return null;
  const given = Number(env['OTEL_TRACES_SAMPLER_ARG'] || 1);
  return {
    url,
    headers: {
      ...pairsOf(env['OTEL_EXPORTER_OTLP_HEADERS']),
      ...pairsOf(env['OTEL_EXPORTER_OTLP_TRACES_HEADERS']),
      ...headers,
    },
    ratio: ratio ?? (given >= 0 && given <= 1 ? given : 1),
    timeoutMs: timeout,
    resource: pairsOf(env['OTEL_RESOURCE_ATTRIBUTES']),
  };
}

/** `a=b,c=d`, values percent-encoded. */
function pairsOf(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at < 1 ? [] : [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
