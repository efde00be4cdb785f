import type { Dashboard } from '../dashboard';
import { figure, lines, rows } from '../panel';

const OF = 'tenant=~"$tenant",function=~"$function"';

/** One function, or those of a tenant. */
export const FUNCTION: Dashboard = {
  uid: 'presage-function',
  title: 'Presage / Function',
  description:
    'Traffic, starts and forecast of functions. Beyond 500 functions the rest is counted together as "other".',
  choices: [
    { name: 'tenant', values: 'label_values(presage_invocations_total, tenant)' },
    { name: 'function', values: 'label_values(presage_invocations_total{tenant=~"$tenant"}, function)' },
  ],
  rows: {
    Now: [
      figure(
        'Invocations',
        'reqps',
        'Of the chosen functions.',
        { rate: `sum(rate(presage_invocations_total{${OF}}[$__rate_interval]))` },
        { width: 6 },
      ),
      figure(
        'Cold share, 1 hour',
        'percentunit',
        'Of what an instance answered.',
        {
          cold: `sum(increase(presage_invocations_total{${OF},start="cold"}[1h])) / (sum(increase(presage_invocations_total{${OF},start!="none"}[1h])) > 0)`,
        },
        { width: 6, badFrom: 0.1 },
      ),
      figure(
        '5xx share, 1 hour',
        'percentunit',
        "The function's own errors too.",
        {
          '5xx': `(sum(increase(presage_invocations_total{${OF},code="5xx"}[1h])) or vector(0)) / (sum(increase(presage_invocations_total{${OF}}[1h])) > 0)`,
        },
        { width: 6, badFrom: 0.01 },
      ),
      figure(
        'Expected in 10 minutes',
        'short',
        'Requests that the newest forecasts expect.',
        { expected: `sum(max by (tenant, function) (presage_forecast_expected_requests{${OF}}))` },
        { width: 6 },
      ),
    ],
    Traffic: [
      lines(
        'Invocations by function',
        'reqps',
        'The ten with the most.',
        {
          '{{tenant}}/{{function}}': `topk(10, sum by (tenant, function) (rate(presage_invocations_total{${OF}}[$__rate_interval])))`,
        },
        { stacked: true },
      ),
      lines(
        'By start kind',
        'reqps',
        'none: no instance was reached.',
        { '{{start}}': `sum by (start) (rate(presage_invocations_total{${OF}}[$__rate_interval]))` },
        { stacked: true },
      ),
      lines(
        'By class of status',
        'reqps',
        '5xx with start kind none are the platform’s, others the function’s.',
        { '{{code}}': `sum by (code) (rate(presage_invocations_total{${OF}}[$__rate_interval]))` },
        { stacked: true },
      ),
      rows('Cold starts of the last day', 'short', 'By function, the most first.', {
        cold: `topk(20, sum by (tenant, function) (increase(presage_invocations_total{${OF},start="cold"}[1d])))`,
      }),
    ],
    Forecast: [
      lines(
        'Expected and come',
        'short',
        'What was expected ten minutes ago of the ten minutes since, and what came.',
        {
          'expected {{tenant}}/{{function}}': `topk(5, max by (tenant, function) (presage_forecast_expected_requests{${OF}} offset 10m))`,
          'come {{tenant}}/{{function}}': `topk(5, sum by (tenant, function) (increase(presage_invocations_total{${OF}}[10m])))`,
        },
      ),
      lines(
        'Error (WAPE)',
        'percentunit',
        'Of the last hour by minutes: the sum of absolute errors over the sum of requests.',
        { '{{tenant}}/{{function}}': `topk(10, max by (tenant, function) (presage_forecast_wape_ratio{${OF}}))` },
      ),
    ],
    Asynchronous: [
      lines('In the queue', 'short', 'Invocations that nobody waits for, by state; dead: dead letters.', {
        '{{function}} {{state}}': `max by (tenant, function, state) (presage_async_invocations{${OF}})`,
      }),
    ],
  },
};
