import type { Dashboard } from '../dashboard';
import { lines } from '../panel';

/** What is expected, how well, and what is held for it. */
export const FORECAST_AND_WARMING: Dashboard = {
  uid: 'presage-forecast',
  title: 'Presage / Forecast and warming',
  description: 'Errors of forecasts, training of models, and what is held warm for it at what cost.',
  rows: {
    Forecast: [
      lines(
        'Error, weighed',
        'percentunit',
        'WAPE of the last hour by minutes, weighed by what was expected. Functions with few requests cannot be forecast well, and weigh little.',
        { wape: 'presage:forecast_wape:ratio' },
      ),
      lines('Error by function', 'percentunit', 'The ten with the largest error, of the 200 with the most requests.', {
        '{{tenant}}/{{function}}': 'topk(10, max by (tenant, function) (presage_forecast_wape_ratio))',
      }),
      lines(
        'Expected and come',
        'short',
        'Of all functions: what was expected ten minutes ago of the ten minutes since, and what came.',
        {
          expected: 'sum(max by (tenant, function) (presage_forecast_expected_requests offset 10m))',
          come: 'sum(increase(presage_invocations_total[10m]))',
        },
      ),
      lines('Time of a forecast', 's', 'On average, for one function.', {
        'a forecast':
          'max(rate(presage_forecast_seconds_total[$__rate_interval])) / (max(rate(presage_forecast_made_total[$__rate_interval])) > 0)',
      }),
    ],
    Models: [
      lines('Models by state', 'short', 'rejected: they did not pass the gate; corrupt: they cannot be read.', {
        '{{state}}': 'max by (state) (presage_forecast_models)',
      }),
      lines('Trainings', 'short', 'Of the last day; drift: begun since the error stayed above its band.', {
        ended: 'max(increase(presage_forecast_retrains_total[1d]))',
        drift: 'max(increase(presage_forecast_drift_retrains_total[1d]))',
        'corrupt models': 'max(increase(presage_forecast_corrupt_models_total[1d]))',
      }),
      lines('Time of a training', 's', 'On average of the last day.', {
        'a training':
          'max(increase(presage_forecast_retrain_seconds_total[1d])) / (max(increase(presage_forecast_retrains_total[1d])) > 0)',
      }),
    ],
    Warmth: [
      lines(
        'Held at rest',
        'GB·s/s',
        'Memory promised to instances that wait, by rung.',
        {
          '{{rung}}':
            'sum by (rung) (max by (node, rung) (rate(presage_warming_held_gb_seconds_total[$__rate_interval])))',
        },
        { stacked: true },
      ),
      lines(
        'Hits',
        'percentunit',
        'Of what an instance answered, what found one running or frozen.',
        { hits: 'presage:warmth_hits:ratio_rate1h' },
        { badBelow: 0.9 },
      ),
      lines('GB·s for 1,000 invocations', 'short', 'What those hits cost.', {
        held: 'presage:held_gb_seconds_per_1000:rate1h',
      }),
      lines('Decisions', 'ops', 'One for each function and minute; cut: by the memory of a node.', {
        decisions: 'max(rate(presage_warming_decisions_total[5m]))',
        targets: 'max(rate(presage_warming_targets_total[5m]))',
        cut: 'max(rate(presage_warming_capped_total[5m]))',
        unreached: 'max(rate(presage_warming_unreached_nodes_total[5m]))',
      }),
      lines('Time of deciding', 'cores', 'Seconds of a core a second.', {
        deciding: 'max(rate(presage_warming_plan_seconds_total[5m]))',
      }),
      lines(
        'Instances asked whether they are well',
        'ops',
        'Held frozen for long; one that does not answer well is replaced.',
        { '{{node}} {{outcome}}': 'max by (node, outcome) (rate(presage_warming_pings_total[5m]))' },
      ),
    ],
  },
};
