import { addLatencies, latencyKey } from '../../core/traffic/latency-counts';
import type { InvocationRecord } from '../../drivers/store/store';
import type {
  CallTraffic,
  FunctionLoad,
  Traffic,
  TrafficMapStore,
  UserTraffic,
} from '../../drivers/store/traffic-map-store';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** The traffic map, reckoned from the records whenever somebody asks. */
export function memoryTrafficMap(invocations: () => Iterable<InvocationRecord>): TrafficMapStore {
  return {
    trafficMap: async ({ tenant, functionId, from, to }) => {
      const start = Math.floor(from.getTime() / HOUR_MS) * HOUR_MS;
      const users = new Map<string, UserTraffic>();
      const calls = new Map<string, CallTraffic>();
      for (const row of invocations()) {
        const hour = Math.floor(row.at.getTime() / HOUR_MS) * HOUR_MS;
        if (row.node === null || hour < start || hour >= to.getTime()) continue;
        if (tenant !== undefined && row.tenant !== tenant) continue;
        const { userRegion: region, callerId, functionId: id } = row;
        if (region !== null && (functionId === undefined || functionId === id)) {
          const key = `${id} ${region}`;
          users.set(key, { tenant: row.tenant, functionId: id, region, ...added(users.get(key), row) });
        }
        if (callerId !== null && (functionId === undefined || functionId === id || functionId === callerId)) {
          const key = `${id} ${callerId}`;
          calls.set(key, { tenant: row.tenant, callerId, calleeId: id, ...added(calls.get(key), row) });
        }
      }
      return { users: inOrder(users), calls: inOrder(calls) };
    },
    functionLoads: async ({ from, to }) => {
      const loads = new Map<string, FunctionLoad>();
      for (const row of invocations()) {
        const minute = Math.floor(row.at.getTime() / MINUTE_MS) * MINUTE_MS;
        if (minute < from.getTime() || minute >= to.getTime()) continue;
        const { functionId, executeMs, cpuMicros } = row;
        const before = loads.get(functionId) ?? { functionId, calls: 0, executeMs: 0, cpuMicros: 0 };
        loads.set(functionId, {
          functionId,
          calls: before.calls + 1,
          executeMs: before.executeMs + executeMs,
          cpuMicros: before.cpuMicros + (cpuMicros ?? executeMs * 1000),
        });
      }
      return inOrder(loads);
    },
  };
}

function added(before: Traffic | undefined, row: InvocationRecord): Traffic {
  const waited = row.attempt === null;
  const latencies = waited ? { [latencyKey(row.firstByteMs ?? row.totalMs)]: 1 } : {};
  return {
    calls: (before?.calls ?? 0) + (waited ? 1 : 0),
    asyncCalls: (before?.asyncCalls ?? 0) + (waited ? 0 : 1),
    bytesIn: (before?.bytesIn ?? 0) + row.bytesIn,
    bytesOut: (before?.bytesOut ?? 0) + row.bytesOut,
    latencies: addLatencies(before?.latencies ?? {}, latencies),
  };
}

function inOrder<T>(rows: ReadonlyMap<string, T>): T[] {
  return [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
