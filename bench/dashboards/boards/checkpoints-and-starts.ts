import type { Dashboard } from '../dashboard';
import { figure, lines } from '../panel';

/** How instances come to be, and what their checkpoints are worth. */
export const CHECKPOINTS_AND_STARTS: Dashboard = {
  uid: 'presage-starts',
  title: 'Presage / Checkpoints and starts',
  description: 'Starts by kind, cause and length; failures that nobody saw; checkpoints by state and size.',
  rows: {
    Starts: [
      figure(
        'Restores that fail, 1 hour',
        'percentunit',
        'They became cold starts, unseen; the target is below 2 %.',
        { failed: 'presage:restore_failures:ratio_rate1h' },
        { width: 6, badFrom: 0.02 },
      ),
      figure(
        'P99 of a restore',
        's',
        'Of the last hour.',
        {
          restore:
            'histogram_quantile(0.99, sum by (le) (rate(presage_start_duration_seconds_bucket{start="restore"}[1h])))',
        },
        { width: 6 },
      ),
      figure(
        'P99 of a cold start',
        's',
        'Of the last hour.',
        {
          cold: 'histogram_quantile(0.99, sum by (le) (rate(presage_start_duration_seconds_bucket{start="cold"}[1h])))',
        },
        { width: 6 },
      ),
      figure(
        'From booted runtimes',
        'percentunit',
        'Of the cold starts of the last hour, those that a runtime booted ahead has shortened.',
        {
          blank:
            'sum(increase(presage_blank_starts_total[1h])) / (sum(increase(presage_starts_total{start="cold"}[1h])) > 0)',
        },
        { width: 6 },
      ),
      lines(
        'Starts by cause',
        'ops',
        'Why an invocation was not hot.',
        { '{{cause}}': 'sum by (cause) (rate(presage_starts_total[$__rate_interval]))' },
        { stacked: true },
      ),
      lines('P95 of starts by kind', 's', 'What invocations waited for their instance to start.', {
        '{{start}}':
          'histogram_quantile(0.95, sum by (le, start) (rate(presage_start_duration_seconds_bucket[$__rate_interval])))',
      }),
      lines(
        'Instances that nodes gave',
        'ops',
        'By start kind, as agents count.',
        { '{{start}}': 'sum by (start) (max by (node, start) (rate(presage_node_grants_total[$__rate_interval])))' },
        { stacked: true },
      ),
      lines('Failures of agents by code', 'ops', 'Starts, checkpoints and restores; most are tried again, unseen.', {
        '{{node}} {{code}}': 'max by (node, code) (rate(presage_node_failures_total[$__rate_interval]))',
      }),
    ],
    Checkpoints: [
      lines('Checkpoints by state', 'short', 'quarantined: failed twice, and not trusted before it is made anew.', {
        '{{node}} {{state}}': 'max by (node, state) (presage_node_checkpoints)',
      }),
      lines('Bytes', 'bytes', 'sealed: as stored; raw: loaded in memory for restores.', {
        '{{node}} {{form}}': 'max by (node, form) (presage_checkpoint_bytes)',
      }),
      lines('Leases', 'short', 'Instances that gateways hold.', { leases: 'sum(presage_gateway_leases)' }),
    ],
  },
};
