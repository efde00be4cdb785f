import { EVENTS } from '../../core/event/event-catalog';
import { functionJsonSchema } from '../../gateway/api/openapi';
import { knownMetrics } from './known-metrics';
import { markdownTable } from './markdown-table';
import { schemaRows } from './schema-rows';

/** docs/reference/manifest.md. */
export function manifestPage(): string {
  const rows = schemaRows(functionJsonSchema());
  return [
    '# function.yaml',
    'What describes a function. Unknown fields and wrong values are refused, all at once; `presage deploy --dry-run` only asks. The same as JSON Schema: `GET /v1/schemas/function.json`.',
    markdownTable(
      ['field', 'type', 'default', ''],
      rows.map(({ path, type, required, fallback, description }) => [
        `\`${path}\``,
        type,
        fallback === undefined ? (required ? 'needed' : '') : `\`${fallback}\``,
        description,
      ]),
    ),
  ].join('\n\n');
}

/** docs/reference/metrics.md. */
export async function metricsPage(): Promise<string> {
  const own = [...(await knownMetrics()).values()].filter(({ name }) => name.startsWith('presage_'));
  return [
    '# Metrics',
    'All that gateways, control workers and agents serve at `/metrics`, beside the usual ones of Node.js (`process_*`, `nodejs_*`). What to watch, alerts and dashboards: [Seeing what it does](../observability.md).',
    markdownTable(
      ['metric', 'type', 'labels', 'is'],
      own
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, type, labels, help }) => [`\`${name}\``, type, labels.join(', '), help]),
    ),
  ].join('\n\n');
}

/** docs/reference/events.md. */
export function eventsPage(): string {
  return [
    '# Events',
    'What the platform did: `GET /v1/events`, or as server-sent events with `Accept: text/event-stream`. An event has `id`, `at`, `type`, `function` and `node` where it is of one, and `data`. Those of nodes and of the platform are for operators. Kept for `retention.eventDays`.',
    markdownTable(
      ['type', 'says'],
      Object.entries(EVENTS).map(([type, says]) => [`\`${type}\``, says]),
    ),
  ].join('\n\n');
}
