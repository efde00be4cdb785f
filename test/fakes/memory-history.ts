import { PlatformError } from '../../core/error/platform-error';
import type { HistoryDay, HistoryStore } from '../../drivers/store/history-store';
import type { Store } from '../../drivers/store/store';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

interface Cell {
  readonly count: number;
  readonly source: string;
}

/** Imported counts, kept in maps by minute; `own` are the platform's. */
export function memoryHistory(own: Store['minuteCounts'], known: (functionId: string) => boolean): HistoryStore {
  const imported = new Map<string, Map<number, Cell>>();
  const everything = { from: new Date(-8.64e15), to: new Date(8.64e15) };

  return {
    importHistory: async ({ source, series }) => {
      const unknown = series.find(({ functionId }) => !known(functionId));
      if (unknown) throw new PlatformError('not_found', `There is no function ${unknown.functionId}`);
      const changed = new Set<string>();
      for (const { functionId, first, counts } of series) {
        const cells = imported.get(functionId) ?? new Map<number, Cell>();
        imported.set(functionId, cells);
        counts.forEach((count, index) => {
          const minute = first.getTime() + index * MINUTE_MS;
          const old = cells.get(minute);
          if (old?.count === count && old.source === source) return;
          cells.set(minute, { count, source });
          changed.add(`${functionId} ${Math.floor(minute / DAY_MS)}`);
        });
      }
      return changed.size;
    },
    deleteImportedHistory: async (functionId) => imported.delete(functionId),
    historyDays: async (functionId) => {
      const days = new Map<number, HistoryDay>();
      const dayOf = (minute: number): HistoryDay => {
        const day = new Date(Math.floor(minute / DAY_MS) * DAY_MS);
        return days.get(day.getTime()) ?? { day, importedMinutes: 0, imported: 0, source: null, ownMinutes: 0, own: 0 };
      };
      for (const [minute, { count, source }] of imported.get(functionId) ?? []) {
        const day = dayOf(minute);
        const next = { ...day, source, importedMinutes: day.importedMinutes + 1, imported: day.imported + count };
        days.set(day.day.getTime(), next);
      }
      for (const { minute, total } of await own({ functionId, ...everything })) {
        const day = dayOf(minute.getTime());
        days.set(day.day.getTime(), { ...day, ownMinutes: day.ownMinutes + 1, own: day.own + total });
      }
      return [...days.values()].sort((a, b) => a.day.getTime() - b.day.getTime());
    },
    functionHistory: async ({ functionIds, from, to }) => {
      const [first, end] = [from, to].map((time) => Math.floor(time.getTime() / MINUTE_MS)) as [number, number];
      return Promise.all(
        functionIds.map(async (functionId) => {
          const cells = new Map(
            [...(imported.get(functionId) ?? [])].map(([at, { count }]) => [at / MINUTE_MS, count]),
          );
          for (const { minute, total } of await own({ functionId, ...everything })) {
            cells.set(minute.getTime() / MINUTE_MS, total);
          }
          let start = first;
          while (start < end && !cells.has(start)) start++;
          const counts = Float64Array.from({ length: Math.max(0, end - start) }, (_, i) => cells.get(start + i) ?? 0);
          return { functionId, from: new Date(start * MINUTE_MS), counts };
        }),
      );
    },
  };
}
