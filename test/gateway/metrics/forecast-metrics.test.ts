import { Registry } from 'prom-client';
import { PlatformError } from '../../../core/error/platform-error';
import { FORECAST_FIGURES, type ForecastFigure } from '../../../drivers/store/forecast-store';
import { registerForecastMetrics } from '../../../gateway/metrics/forecast-metrics';

test('figures of the store as metrics, and the last ones while it is away', async () => {
  let now = 0;
  let away = false;
  const answer = async <T>(value: T): Promise<T> => {
    if (away) throw new PlatformError('unavailable', 'away');
    return value;
  };
  const registry = new Registry();
  const figures = Object.fromEntries(FORECAST_FIGURES.map((name, i) => [name, i + 1])) as Record<
    ForecastFigure,
    number
  >;
  const store = {
    forecastFigures: () => answer(figures),
    forecastModelCounts: () => answer({ deployed: 3 }),
    latestWapes: () => answer([{ tenant: 'acme', function: 'pay', wape: 0.25, expected: 12.5 }]),
  };
  registerForecastMetrics(registry, store, () => now);
  const expected = [
    'presage_forecast_made_total 1',
    'presage_forecast_retrain_seconds_total 6',
    'presage_forecast_models{state="deployed"} 3',
    'presage_forecast_models{state="rejected"} 0',
    'presage_forecast_wape_ratio{tenant="acme",function="pay"} 0.25',
    'presage_forecast_expected_requests{tenant="acme",function="pay"} 12.5',
  ];
  const first = await registry.metrics();
  for (const line of expected) expect(first).toContain(line);
  away = true;
  now = 60_000;
  const second = await registry.metrics();
  for (const line of expected) expect(second).toContain(line);
});
