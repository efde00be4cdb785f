import { addLatencies, latencyKey, type LatencyCounts } from '../../core/traffic/latency-counts';
import type { OverviewStore } from '../../drivers/store/overview-store';
import type { InvocationRecord, Store } from '../../drivers/store/store';

const HOUR_MS = 3_600_000;

/** Reckoned from the minutes and the records whenever somebody asks. */
export function memoryOverview(
  minuteCounts: Store['minuteCounts'],
  invocations: () => Iterable<InvocationRecord>,
): OverviewStore {
  return {
    stepCounts: async ({ tenant, from, to, stepMs }) => {
      const steps = new Map<number, Awaited<ReturnType<OverviewStore['stepCounts']>>[number]>();
      for (const { minute, total, errors, byKind } of await minuteCounts({ tenant, from, to })) {
        const at = Math.floor(minute.getTime() / stepMs) * stepMs;
        const sum = steps.get(at) ?? { total: 0, errors: 0, byKind: { hot: 0, warm: 0, restore: 0, cold: 0 } };
        steps.set(at, {
          at: new Date(at),
          total: sum.total + total,
          errors: sum.errors + errors,
          byKind: {
            hot: sum.byKind.hot + byKind.hot,
            warm: sum.byKind.warm + byKind.warm,
            restore: sum.byKind.restore + byKind.restore,
            cold: sum.byKind.cold + byKind.cold,
          },
        });
      }
      return [...steps.values()].sort((a, b) => a.at.getTime() - b.at.getTime());
    },
    latencyHours: async ({ tenant, from, to }) => {
      const start = Math.floor(from.getTime() / HOUR_MS) * HOUR_MS;
      const hours = new Map<number, LatencyCounts>();
      for (const row of invocations()) {
        const hour = Math.floor(row.at.getTime() / HOUR_MS) * HOUR_MS;
        const counts = row.node !== null && row.attempt === null && (row.userRegion !== null || row.callerId !== null);
        if (!counts || row.tenant !== tenant || hour < start || hour >= to.getTime()) continue;
        hours.set(hour, addLatencies(hours.get(hour) ?? {}, { [latencyKey(row.firstByteMs ?? row.totalMs)]: 1 }));
      }
      return [...hours].sort(([a], [b]) => a - b).map(([at, latencies]) => ({ at: new Date(at), latencies }));
    },
  };
}
