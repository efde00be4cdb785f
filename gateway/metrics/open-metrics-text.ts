import type { Registry } from 'prom-client';
import type { Exemplar } from './traced-histogram';

/** What the text is served as. */
export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** As a metric tells its samples; exemplars are of histograms whose calls were traced. */
interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
  readonly exemplar?: Exemplar;
}

/**
 * A registry in the OpenMetrics format, which, other than the older text format, carries exemplars. The library's own way to it
 * renames the counters of the registry for good, so that afterwards the older format is wrong; here nothing is changed.
 */
export async function openMetricsText(registry: Registry): Promise<string> {
  const metrics = await registry.getMetricsAsJSON();
  const lines = metrics.flatMap(({ name, help, type, values }) => {
    const counter = String(type) === 'counter';
    // The family of a counter is called without the ending that its samples have.
    const family = counter ? name.replace(/_total$/, '') : name;
    const samples = (values as unknown as readonly Sample[]).map((sample) => {
      const series = counter ? `${family}_total` : (sample.metricName ?? name);
      return `${series}${labelsOf(sample.labels)} ${numberOf(sample.value)}${exemplarOf(sample)}`;
    });
    return [`# TYPE ${family} ${String(type)}`, `# HELP ${family} ${escaped(help)}`, ...samples];
  });
  return [...lines, '# EOF', ''].join('\n');
}

/** Does a reader ask for it, and before the older format? Prometheus names it first. */
export function wantsOpenMetrics(accept: string | undefined): boolean {
  return accept?.split(',')[0]?.trim().startsWith('application/openmetrics-text') ?? false;
}

function exemplarOf({ exemplar }: Sample): string {
  if (!exemplar) return '';
  return ` # ${labelsOf({ ...exemplar.labelSet })} ${numberOf(exemplar.value)} ${exemplar.timestamp}`;
}

function labelsOf(labels: Sample['labels']): string {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${escaped(String(value)).replaceAll('"', '\\"')}"`,
  );
  return parts.length === 0 ? '' : `{${parts.join()}}`;
}

function numberOf(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
