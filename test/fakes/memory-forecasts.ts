import { PlatformError } from '../../core/error/platform-error';
import { HORIZON, QUANTILES } from '../../core/forecast/forecast';
import {
  FORECAST_FIGURES,
  type ForecastFigure,
  type ForecastModelRecord,
  type ForecastStore,
  type LatestForecastRecord,
} from '../../drivers/store/forecast-store';
import { memoryPage } from './memory-list';

/** Forecast models and forecasts, kept in arrays. */
export function memoryForecasts(
  now: () => Date,
  liveFunctions: () => readonly { readonly id: string; readonly tenant: string; readonly name: string }[],
): ForecastStore & { readonly allLatestForecasts: () => Iterable<LatestForecastRecord> } {
  const models: ForecastModelRecord[] = [];
  const latest = new Map<string, LatestForecastRecord>();
  const all = new Map<string, LatestForecastRecord>();
  const steps = new Map<string, { run: string; step: string; artefact: string; computed: number; at: Date }>();
  const figures = new Map<string, number>();

  const find = (functionId: string | null, id: string): ForecastModelRecord => {
    const row = models.find((model) => model.functionId === functionId && model.id === id);
    if (!row) throw new PlatformError('not_found', `There is no forecast model ${id}`);
    return row;
  };
  const change = (row: ForecastModelRecord, to: Partial<ForecastModelRecord>): void => {
    models[models.indexOf(row)] = { ...row, ...to };
  };
  const newestFirst = (rows: readonly ForecastModelRecord[]): ForecastModelRecord[] =>
    [...rows].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1));
  const figuresOf = ({ members: _m, features: _f, hourWape: _w, ...row }: LatestForecastRecord) => row;

  return {
    allLatestForecasts: () => latest.values(),
    nearForecasts: async ({ from, to, functionIds }) =>
      [...all.values()]
        .filter(({ at, functionId }) => at >= from && at < to && functionIds.includes(functionId))
        .map(({ functionId, at, mean, quantiles }) => {
          const near = (values: readonly number[]): number => Math.max(values[0] ?? 0, values[1] ?? 0);
          const levels = QUANTILES.map((_, level) => near(quantiles.slice(level * HORIZON)));
          return { functionId, at, mean: near(mean), quantiles: levels };
        })
        .filter(({ quantiles }) => (quantiles.at(-1) ?? 0) >= 0.5),
    addForecastModel: async (model) => {
      if (models.some((row) => row.functionId === model.functionId && row.id === model.id)) return;
      models.push({ ...structuredClone(model), createdAt: now() });
    },
    deployForecastModel: async ({ functionId, id, reason, ifDeployed }) => {
      const before = models.find((row) => row.functionId === functionId && row.state === 'deployed');
      if (ifDeployed !== undefined && (before?.id ?? null) !== ifDeployed) {
        throw new PlatformError('precondition_failed', 'Another model has been deployed meanwhile');
      }
      find(functionId, id);
      if (before?.id === id) return;
      if (before) change(before, { state: 'superseded', reason: `another took its place: ${reason}` });
      change(find(functionId, id), { state: 'deployed', reason });
    },
    markForecastModel: async (functionId, id, state, reason) => change(find(functionId, id), { state, reason }),
    findForecastModel: async (functionId, id) =>
      models.find((row) => row.functionId === functionId && row.id === id) ?? null,
    forecastModels: async (query) => {
      const found = models.filter(
        (row) => row.functionId === query.functionId && (query.states?.includes(row.state) ?? true),
      );
      return memoryPage('forecast-models', newestFirst(found), query, (row) => row.id);
    },
    currentForecastModels: async (which) => {
      const first = new Map<string | null, ForecastModelRecord>();
      for (const row of newestFirst(models)) {
        if (which === 'deployed' && row.state !== 'deployed') continue;
        if (!first.has(row.functionId)) first.set(row.functionId, row);
      }
      return [...first.values()].sort((a, b) => ((a.functionId ?? '') < (b.functionId ?? '') ? -1 : 1));
    },
    unneededForecastModels: async (before, limit) =>
      models
        .filter((row) => {
          if (row.functionId !== null && !liveFunctions().some(({ id }) => id === row.functionId)) return true;
          const users = models.filter(
            (user) => user.network === row.id && (user.state === 'deployed' || user.createdAt >= before),
          );
          return row.createdAt < before && row.state !== 'deployed' && users.length === 0;
        })
        .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
        .slice(0, limit),
    deleteForecastModel: async (functionId, id) => {
      const index = models.findIndex((row) => row.functionId === functionId && row.id === id);
      if (index >= 0) models.splice(index, 1);
      return !models.some((row) => row.id === id);
    },
    forecastModelCounts: async () => {
      const counts: Record<string, number> = {};
      for (const { state } of models) counts[state] = (counts[state] ?? 0) + 1;
      return counts;
    },

    writeForecasts: async (batch) => {
      const first: string[] = [];
      for (const row of batch) {
        const key = `${row.functionId} ${row.at.toISOString()}`;
        if (!all.has(key)) all.set(key, structuredClone(row));
        const known = latest.get(row.functionId);
        if (known && known.at >= row.at) continue;
        latest.set(row.functionId, structuredClone(row));
        first.push(row.functionId);
      }
      return first;
    },
    latestForecast: async (functionId) => latest.get(functionId) ?? null,
    latestWapes: async (limit) =>
      liveFunctions()
        .flatMap(({ id, tenant, name }) => {
          const row = latest.get(id);
          return row && row.hourWape !== null
            ? [{ tenant, function: name, wape: row.hourWape, expected: row.total[0] ?? 0 }]
            : [];
        })
        .sort((a, b) => b.expected - a.expected)
        .slice(0, limit),
    forecasts: async ({ functionId, from, to }) =>
      [...all.entries()]
        .filter(([, row]) => functionId === undefined || row.functionId === functionId)
        .filter(([, row]) => row.at >= from && row.at < to)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, row]) => figuresOf(row)),

    noteTrainingStep: async ({ run, step, artefact }) => {
      const key = `${run} ${step}`;
      const known = steps.get(key);
      steps.set(
        key,
        known ? { ...known, computed: known.computed + 1 } : { run, step, artefact, computed: 1, at: now() },
      );
      return known?.artefact ?? artefact;
    },
    trainingStep: async (run, step) => steps.get(`${run} ${step}`)?.artefact ?? null,
    trainingSteps: async (run) =>
      [...steps.values()]
        .filter((row) => row.run === run)
        .sort((a, b) => a.at.getTime() - b.at.getTime() || (a.step < b.step ? -1 : 1))
        .map(({ step, artefact, computed }) => ({ step, artefact, computed })),
    oldTrainingRuns: async (before) => {
      const runs = new Set([...steps.values()].map(({ run }) => run));
      return [...runs].filter((run) => [...steps.values()].every((row) => row.run !== run || row.at < before)).sort();
    },
    forgetTrainingRun: async (run) => {
      for (const [key, row] of steps) if (row.run === run) steps.delete(key);
    },

    addForecastFigures: async (added) => {
      for (const [name, value] of Object.entries(added)) figures.set(name, (figures.get(name) ?? 0) + value);
    },
    forecastFigures: async () =>
      Object.fromEntries(FORECAST_FIGURES.map((name) => [name, figures.get(name) ?? 0])) as Record<
        ForecastFigure,
        number
      >,
  };
}
