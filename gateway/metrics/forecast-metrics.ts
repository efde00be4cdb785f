import { Gauge, type Registry } from 'prom-client';
import { HORIZON } from '../../core/forecast/forecast';
import { FORECAST_MODEL_STATES } from '../../core/forecast/model-state';
import type { ForecastFigure, ForecastStore } from '../../drivers/store/forecast-store';
import { cached } from './cached';
import { registerStoredCounters } from './stored-counters';

/** Functions with a series of their own: those of which most is expected. */
const MAX_SERIES = 200;

type Sources = Pick<ForecastStore, 'forecastFigures' | 'forecastModelCounts' | 'latestWapes'>;

const COUNTERS: Readonly<Record<ForecastFigure, readonly [name: string, help: string]>> = {
  forecasts: ['presage_forecast_made_total', 'Forecasts made, one for each function and minute.'],
  forecastSeconds: ['presage_forecast_seconds_total', 'Seconds of a core that forecasts have taken.'],
  corruptModels: [
    'presage_forecast_corrupt_models_total',
    'Models refused because their artefact is missing or corrupt.',
  ],
  driftRetrains: ['presage_forecast_drift_retrains_total', 'Trainings started by an error above its band for an hour.'],
  retrains: ['presage_forecast_retrains_total', 'Trainings that have ended.'],
  retrainSeconds: ['presage_forecast_retrain_seconds_total', 'Seconds that those trainings have taken.'],
};

/**
 * Metrics of forecasting. The control worker makes forecasts and has no door of its own: it leaves its figures in the store,
 * and whichever gateway is asked reads them there.
 */
export function registerForecastMetrics(registry: Registry, store: Sources, now: () => number): void {
  const registers = [registry];
  const figures = cached(now, () => store.forecastFigures());
  const counts = cached(now, () => store.forecastModelCounts());
  const wapes = cached(now, () => store.latestWapes(MAX_SERIES));
  registerStoredCounters(registry, COUNTERS, figures);
  new Gauge({
    name: 'presage_forecast_models',
    aggregator: 'max',
    help: 'Forecast models by state.',
    labelNames: ['state'],
    registers,
    async collect() {
      const found = await counts();
      for (const state of FORECAST_MODEL_STATES) if (found) this.set({ state }, found[state] ?? 0);
    },
  });
  new Gauge({
    name: 'presage_forecast_wape_ratio',
    aggregator: 'max',
    help: `Error of the last hour's forecasts: the sum of absolute errors over the sum of requests, of the ${MAX_SERIES} functions with the most.`,
    labelNames: ['tenant', 'function'],
    registers,
    async collect() {
      const found = await wapes();
      this.reset();
      for (const { wape, tenant, function: name } of found ?? []) this.set({ tenant, function: name }, wape);
    },
  });
  new Gauge({
    name: 'presage_forecast_expected_requests',
    aggregator: 'max',
    help: `Requests that the newest forecast expects within its ${HORIZON} minutes, of the same functions.`,
    labelNames: ['tenant', 'function'],
    registers,
    async collect() {
      const found = await wapes();
      this.reset();
      for (const { expected, tenant, function: name } of found ?? []) this.set({ tenant, function: name }, expected);
    },
  });
}
