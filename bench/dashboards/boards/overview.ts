import type { Dashboard } from '../dashboard';
import { figure, lines } from '../panel';

const BAD = 'presage:invocation_errors:ratio_rate3d';

/** What everybody looks at first: is it well, is it fast, is it cold? */
export const OVERVIEW: Dashboard = {
  uid: 'presage-overview',
  title: 'Presage / Overview',
  description: 'Traffic, latency and start kinds of the whole platform, beside their objectives.',
  rows: {
    Objectives: [
      figure(
        'Availability, 3 days',
        'percentunit',
        'Invocations that the platform did not fail; the objective is 99.9 %.',
        { available: `1 - ${BAD}` },
        { badBelow: 0.999 },
      ),
      figure(
        'Under 200 ms, 3 days',
        'percentunit',
        'Invocations that took at most 200 ms; the objective is 99 %.',
        { 'under 200 ms': '1 - presage:latency_errors:ratio_rate3d' },
        { badBelow: 0.99 },
      ),
      figure(
        'Cold share, 1 hour',
        'percentunit',
        'Of what an instance answered, what began with a cold start; the target is below 10 %.',
        { cold: 'presage:cold:ratio_rate1h' },
        { badFrom: 0.1 },
      ),
      figure(
        'P99',
        's',
        'From arrival to the last byte; the target is 200 ms.',
        { p99: 'presage:invocation_duration_seconds:p99_5m' },
        { badFrom: 0.2 },
      ),
      figure(
        'Forecast error (WAPE)',
        'percentunit',
        'Of the last hour by minutes, weighed by what was expected. By minutes chance alone is a good part of it: see Forecast and warming.',
        { wape: 'presage:forecast_wape:ratio' },
        { badFrom: 0.6 },
      ),
      figure(
        'Control API, 3 days',
        'percentunit',
        'Requests of the API that were not answered with 5xx; the objective is 99.9 %.',
        { available: '1 - presage:api_errors:ratio_rate3d' },
        { badBelow: 0.999 },
      ),
    ],
    Traffic: [
      lines(
        'Invocations by start kind',
        'reqps',
        'How invocations got their instance; none: they reached none.',
        { '{{start}}': 'presage_start:invocations:rate5m' },
        { stacked: true },
      ),
      lines(
        'Errors by code',
        'reqps',
        'Statuses of 400 and above. Without an instance (none) the platform answered, else the function.',
        {
          '{{code}} {{start}}':
            'sum by (code, start) (rate(presage_invocations_total{code=~"4xx|5xx"}[$__rate_interval]))',
        },
      ),
      lines(
        'Latency',
        's',
        'Of all that reached an instance.',
        {
          p50: 'presage:invocation_duration_seconds:p50_5m',
          p95: 'presage:invocation_duration_seconds:p95_5m',
          p99: 'presage:invocation_duration_seconds:p99_5m',
        },
        { badFrom: 0.2 },
      ),
      lines('P99 by start kind', 's', 'Whether slow calls are slow starts. Exemplars lead to traces.', {
        '{{start}}':
          'histogram_quantile(0.99, sum by (le, start) (rate(presage_invocation_duration_seconds_bucket[$__rate_interval])))',
      }),
    ],
    Door: [
      lines('In flight and waiting', 'short', 'Places of gateways that are taken, and requests that wait for one.', {
        'in flight': 'sum(presage_admission_in_flight)',
        waiting: 'sum(presage_admission_queued)',
      }),
      lines(
        'Turned away by reason',
        'reqps',
        'With 503 before they began; with 429 by whose rate was used up; connections closed unheard.',
        {
          '{{reason}}': 'sum by (reason) (rate(presage_admission_shed_total[$__rate_interval]))',
          '429 {{policy}}': 'sum by (policy) (rate(presage_admission_limited_total[$__rate_interval]))',
          connections: 'sum(rate(presage_admission_connections_refused_total[$__rate_interval]))',
        },
      ),
    ],
    'Error budgets': [
      lines(
        'Burn of availability',
        'short',
        'Times the rate that 99.9 % allows; pages at 14.4 and 6, a ticket at 1.',
        {
          '5 min': 'presage:invocation_errors:ratio_rate5m / 0.001',
          '1 h': 'presage:invocation_errors:ratio_rate1h / 0.001',
          '6 h': 'presage:invocation_errors:ratio_rate6h / 0.001',
          '3 d': 'presage:invocation_errors:ratio_rate3d / 0.001',
        },
        { badFrom: 1 },
      ),
      lines(
        'Burn of latency',
        'short',
        'Times the rate that 99 % under 200 ms allows.',
        {
          '5 min': 'presage:latency_errors:ratio_rate5m / 0.01',
          '1 h': 'presage:latency_errors:ratio_rate1h / 0.01',
          '6 h': 'presage:latency_errors:ratio_rate6h / 0.01',
          '3 d': 'presage:latency_errors:ratio_rate3d / 0.01',
        },
        { badFrom: 1 },
      ),
    ],
  },
};
