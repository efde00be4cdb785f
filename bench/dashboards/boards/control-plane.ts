import type { Dashboard } from '../dashboard';
import { figure, lines, rows } from '../panel';

/** The platform's own processes, and what they stand on. */
export const CONTROL_PLANE: Dashboard = {
  uid: 'presage-control-plane',
  title: 'Presage / Control plane',
  description: 'API, database, Temporal, records, and the processes themselves.',
  rows: {
    Dependencies: [
      figure(
        'Answers',
        'short',
        '1: all gateways reach it.',
        { '{{dependency}}': 'min by (dependency) (presage_dependency_up)' },
        { width: 6, badBelow: 1 },
      ),
      figure(
        'Limits counted apart',
        'short',
        '1: Redis is lost, and each gateway counts for itself.',
        { degraded: 'max(presage_limiter_degraded)' },
        { width: 6, badFrom: 1 },
      ),
      rows('Builds', 'short', 'What runs.', {
        gateways: 'sum by (version, commit, node) (presage_build_info)',
        processes: 'sum by (process, version, commit) (presage_process_info)',
      }),
    ],
    API: [
      lines('API by route and status', 'reqps', 'Requests of the control API.', {
        '{{method}} {{route}} {{status}}':
          'topk(10, sum by (method, route, status) (rate(presage_api_request_duration_seconds_count[$__rate_interval])))',
      }),
      lines('P95 by route', 's', 'The ten that take longest.', {
        '{{route}}':
          'topk(10, histogram_quantile(0.95, sum by (le, route) (rate(presage_api_request_duration_seconds_bucket[$__rate_interval]))))',
      }),
      lines(
        'Refusals left out of the audit log',
        'ops',
        'They are bounded for each caller and minute; the rest is counted here. Many mean that somebody tries keys.',
        { refusals: 'sum(rate(presage_audit_refusals_suppressed_total[$__rate_interval]))' },
      ),
    ],
    Database: [
      lines(
        'Time of queries',
        's',
        'Of gateways.',
        {
          p50: 'histogram_quantile(0.5, sum by (le) (rate(presage_store_query_duration_seconds_bucket[$__rate_interval])))',
          p99: 'presage:store_query_duration_seconds:p99_5m',
        },
        { badFrom: 0.5 },
      ),
      lines('Queries', 'ops', 'By whether they succeeded.', {
        '{{outcome}}': 'sum by (outcome) (rate(presage_store_query_duration_seconds_count[$__rate_interval]))',
      }),
      lines('Records that wait', 'short', 'In memory of gateways, for the database.', {
        pending: 'sum(presage_records_pending)',
      }),
      lines(
        'Records on the disk',
        'bytes',
        'Spooled while the database is away; above gateway.spool records are lost.',
        { spooled: 'sum(presage_records_spooled_bytes)' },
      ),
      lines(
        'Records lost',
        'short',
        'Of the last hour.',
        { dropped: 'sum(increase(presage_records_dropped_total[1h]))' },
        { badFrom: 1 },
      ),
    ],
    Processes: [
      lines('CPU', 'cores', 'Of gateways, and of other processes that are scraped.', {
        '{{job}} {{instance}}': 'rate(process_cpu_seconds_total{job=~"presage.*"}[$__rate_interval])',
      }),
      lines('Memory', 'bytes', 'Resident.', {
        '{{job}} {{instance}}': 'process_resident_memory_bytes{job=~"presage.*"}',
      }),
      lines(
        'Event loop',
        's',
        'How late timers fire, 99 of 100.',
        { '{{job}} {{instance}}': 'nodejs_eventloop_lag_p99_seconds{job=~"presage.*"}' },
        { badFrom: 0.1 },
      ),
      lines('Invocations in flight', 'short', 'By gateway.', { '{{instance}}': 'presage_invocations_in_flight' }),
    ],
    Kubernetes: [
      lines('Calls to the API server', 'ops', 'Of control workers and pod agents, where there is Kubernetes.', {
        '{{verb}} {{resource}} {{code}}':
          'topk(10, sum by (verb, resource, code) (rate(presage_kubernetes_calls_total[$__rate_interval])))',
      }),
      lines('Lists read anew', 'short', 'Informers that the API server had forgotten, of the last hour.', {
        '{{resource}}': 'sum by (resource) (increase(presage_kubernetes_relists_total[1h]))',
      }),
    ],
  },
};
