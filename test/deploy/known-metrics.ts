import type { KnownMetric } from '../../bench/reference/known-metrics';

export { knownMetrics, type KnownMetric } from '../../bench/reference/known-metrics';

/** What Prometheus adds to whatever it scrapes, and the end of a bucket. */
export const COMMON_LABELS: readonly string[] = ['job', 'instance', 'le'];

/** Names in an expression of PromQL, labels and functions left out: those that the platform or its processes could have. */
export function namesIn(expr: string): readonly string[] {
  const bare = expr.replaceAll(/"[^"]*"/g, '""').replaceAll(/\b(by|on|without)\s*\([^)]*\)/g, '');
  return [...new Set(bare.match(/\b(presage[a-z0-9_:]*|process_[a-z0-9_]+|nodejs_[a-z0-9_]+)/g) ?? [])];
}

/** The metric behind a series of PromQL; undefined for none. */
export function metricOf(series: string, known: ReadonlyMap<string, KnownMetric>): KnownMetric | undefined {
  const exact = known.get(series);
  if (exact) return exact;
  const base = known.get(series.replace(/_(bucket|sum|count)$/, ''));
  return base?.type === 'histogram' || base?.type === 'summary' ? base : undefined;
}

/** Labels that selectors, groupings and legends of an expression name, with the series that each is named of; '' where that is open. */
export function labelsIn(expr: string): readonly (readonly [series: string, label: string])[] {
  const selected = [...expr.matchAll(/([a-z][a-z0-9_:]*)\{([^}]*)\}/g)].flatMap(([, series = '', inside = '']) =>
    [...inside.matchAll(/([a-z_]+)\s*(=~|!~|!=|=)/g)].map(([, label = '']) => [series, label] as const),
  );
  const grouped = [...expr.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => ['', label.trim()] as const),
  );
  return [...selected, ...grouped];
}
