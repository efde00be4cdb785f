import type { LatestForecastRecord } from '../../drivers/store/forecast-store';
import type { InvocationRecord, MinuteCount } from '../../drivers/store/store';
import {
  WARMING_FIGURES,
  type WarmingFigure,
  type WarmingStore,
  type WarmthRecord,
} from '../../drivers/store/warming-store';
import { memoryPage } from './memory-list';

/** What is kept warm, kept in arrays. */
export function memoryWarming(sources: {
  readonly invocations: () => Iterable<InvocationRecord>;
  readonly minuteCounts: (query: { from: Date; to: Date }) => Promise<readonly MinuteCount[]>;
  readonly forecasts: () => Iterable<LatestForecastRecord>;
}): WarmingStore {
  const latest = new Map<string, WarmthRecord>();
  const history: WarmthRecord[] = [];
  const figures = new Map<string, number>();
  const holds = (row: WarmthRecord | undefined): boolean =>
    row?.steps.some(({ running, frozen }) => running > 0 || frozen > 0) ?? false;

  return {
    callsBetween: async ({ from, to, perFunction, functionIds }) => {
      const groups = new Map<string, InvocationRecord[]>();
      for (const row of sources.invocations()) {
        const end = row.at.getTime() + row.totalMs;
        if (row.kind === null || end < from.getTime() || end >= to.getTime()) continue;
        if (functionIds && !functionIds.includes(row.functionId)) continue;
        groups.set(row.functionId, [...(groups.get(row.functionId) ?? []), row]);
      }
      return [...groups.entries()]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([functionId, rows]) => {
          const standsFor = Math.ceil(rows.length / perFunction);
          rows.sort((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1));
          return rows
            .filter((_, place) => place % standsFor === 0)
            .flatMap(({ at, totalMs, executeMs, kind, queueMs, startMs }) =>
              kind === null ? [] : [{ functionId, at, totalMs, executeMs, kind, waitMs: queueMs + startMs, standsFor }],
            );
        });
    },
    meanExecuteMs: async (since) => {
      const sums = new Map<string, { total: number; executeMs: number }>();
      for (const { functionId, total, executeMs } of await sources.minuteCounts({
        from: since,
        to: new Date(8.64e15),
      })) {
        const known = sums.get(functionId) ?? { total: 0, executeMs: 0 };
        sums.set(functionId, { total: known.total + total, executeMs: known.executeMs + executeMs });
      }
      return new Map([...sums].map(([id, { total, executeMs }]) => [id, executeMs / total]));
    },
    latestForecasts: async (since) =>
      [...sources.forecasts()]
        .filter(({ at }) => at >= since)
        .sort((a, b) => (a.functionId < b.functionId ? -1 : 1))
        .map(({ functionId, at, mean, quantiles }) => ({ functionId, at, mean, quantiles })),

    writeWarmth: async (batch) => {
      for (const row of batch) {
        if (holds(row) || holds(latest.get(row.functionId))) history.push(structuredClone(row));
        latest.set(row.functionId, structuredClone(row));
      }
    },
    warmthOf: async (decisionId) =>
      [...latest.values()]
        .filter((row) => row.decisionId === decisionId)
        .sort((a, b) => (`${a.tenant} ${a.function}` < `${b.tenant} ${b.function}` ? -1 : 1)),
    latestWarmth: async (functionId) => latest.get(functionId) ?? null,
    warmthHistory: async (query) => {
      const found = history.filter((row) => row.functionId === query.functionId);
      found.sort((a, b) => b.at.getTime() - a.at.getTime());
      return memoryPage('warmth', found, query, (row) => row.at.toISOString());
    },

    addWarmingFigures: async (added) => {
      for (const [name, value] of Object.entries(added)) figures.set(name, (figures.get(name) ?? 0) + value);
    },
    warmingFigures: async () =>
      Object.fromEntries(WARMING_FIGURES.map((name) => [name, figures.get(name) ?? 0])) as Record<
        WarmingFigure,
        number
      >,
  };
}
