import { PlatformError } from '../../core/error/platform-error';
import type { InvocationRow } from '../../core/record/invocation-batch';
import { START_KINDS } from '../../core/start/start';
import type {
  EventRecord,
  InstanceRecord,
  InvocationRecord,
  LogRecord,
  MinuteCount,
  PageQuery,
  Store,
} from '../../drivers/store/store';
import type { memoryCosts } from './memory-costs';
import { memoryPage } from './memory-list';
import type { MemoryNotices } from './memory-notices';
import { recordsIn } from './records-in';

type Records = Pick<
  Store,
  | 'writeInvocations'
  | 'writeLogs'
  | 'writeEvents'
  | 'upsertInstances'
  | 'invocations'
  | 'findInvocation'
  | 'logs'
  | 'events'
  | 'instances'
  | 'minuteCounts'
>;
type LogRow = LogRecord & { readonly id: string };
const MINUTE_MS = 60_000;

/** What is written on the hot path, kept in arrays. */
export function memoryRecords(
  notices: MemoryNotices,
  charge: ReturnType<typeof memoryCosts>['charge'],
): Records & { readonly allInvocations: () => Iterable<InvocationRecord> } {
  const invocations = new Map<string, InvocationRecord>();
  const written = new Set<string>();
  const logs: LogRow[] = [];
  const events: EventRecord[] = [];
  const instances = new Map<string, InstanceRecord>();

  return {
    allInvocations: () => invocations.values(),
    writeInvocations: async ({ blocks, rows }) => {
      const fresh = blocks.filter(({ id }) => !written.has(id));
      for (const { id, lastAt, sums, ...of } of fresh) {
        written.add(id);
        charge({ ...of, at: lastAt }, sums.costs);
      }
      for (const row of recordsIn({ blocks: fresh, rows })) {
        const { costs, ...record }: InvocationRow = row;
        if (invocations.has(row.id)) continue;
        invocations.set(row.id, structuredClone(record));
        if (costs) charge(record, costs);
      }
    },
    writeLogs: async (batch) => {
      for (const row of batch) logs.push({ ...row, id: String(logs.length + 1) });
      notices.tell('logs', batch.map((row) => `${row.tenant}/${row.function}`)); // prettier-ignore
    },
    writeEvents: async (batch) => {
      for (const row of batch) events.push({ ...structuredClone(row), id: String(events.length + 1) });
      notices.tell('events', batch.map((row) => row.tenant ?? '*')); // prettier-ignore
    },
    upsertInstances: async (batch) => {
      for (const row of batch) {
        const old = instances.get(row.id);
        if (!old || old.endedAt === null || row.endedAt !== null) instances.set(row.id, { ...row });
      }
    },

    invocations: async (query) => {
      const found = [...invocations.values()].filter(
        (row) =>
          row.tenant === query.tenant &&
          (query.function === undefined || row.function === query.function) &&
          (query.kind === undefined || row.kind === query.kind) &&
          (query.status === undefined || (query.status === 'error') === failed(row)),
      );
      found.sort((a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : -1));
      return memoryPage('invocations', found, query, (row) => row.id);
    },
    findInvocation: async (tenant, id) => {
      const row = invocations.get(id);
      return row?.tenant === tenant ? row : null;
    },
    logs: async (query) => {
      const found = logs.filter(
        (row) =>
          row.tenant === query.tenant &&
          (query.function === undefined || row.function === query.function) &&
          (query.invocationId === undefined || row.invocationId === query.invocationId) &&
          (query.since === undefined || row.at >= query.since),
      );
      return ordered('logs', found, query);
    },
    events: async (query) => {
      const found = events.filter(
        (row) =>
          (query.tenant === null || row.tenant === query.tenant) &&
          (query.types === undefined || query.types.length === 0 || query.types.includes(row.type)),
      );
      return ordered('events', found, query);
    },
    instances: async (query) => {
      const found = [...instances.values()].filter(
        (row) =>
          (query.tenant === undefined || row.tenant === query.tenant) &&
          (query.function === undefined || row.function === query.function) &&
          (query.node === undefined || row.node === query.node) &&
          (query.live === undefined || (row.endedAt === null) === query.live),
      );
      return found.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime()).slice(0, 1000);
    },
    minuteCounts: async (query) => {
      const groups = new Map<string, InvocationRecord[]>();
      for (const row of invocations.values()) {
        const minute = Math.floor(row.at.getTime() / MINUTE_MS) * MINUTE_MS;
        if (query.tenant !== undefined && row.tenant !== query.tenant) continue;
        if (query.functionId !== undefined && row.functionId !== query.functionId) continue;
        if (minute < query.from.getTime() || minute >= query.to.getTime()) continue;
        const key = `${row.functionId} ${new Date(minute).toISOString()}`;
        groups.set(key, [...(groups.get(key) ?? []), row]);
      }
      return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rows]) => countOf(rows));
    },
  };
}

function failed(row: InvocationRecord): boolean {
  return row.status >= 500 || row.errorCode !== null;
}

function countOf(rows: readonly InvocationRecord[]): MinuteCount {
  const [first] = rows;
  if (!first) throw new Error('a group has at least one row');
  const byKind = Object.fromEntries(START_KINDS.map((kind) => [kind, rows.filter((row) => row.kind === kind).length]));
  const byCause: Record<string, number> = {};
  for (const { cause } of rows) if (cause !== null) byCause[cause] = (byCause[cause] ?? 0) + 1;
  return {
    functionId: first.functionId,
    minute: new Date(Math.floor(first.at.getTime() / MINUTE_MS) * MINUTE_MS),
    total: rows.length,
    errors: rows.filter(failed).length,
    executeMs: rows.reduce((sum, row) => sum + row.executeMs, 0),
    byKind: byKind as MinuteCount['byKind'],
    byCause,
  };
}

function ordered<T extends { readonly id: string }>(
  kind: string,
  rows: readonly T[],
  query: PageQuery & { readonly after?: string; readonly newestFirst?: boolean },
) {
  if (query.after !== undefined && !/^\d{1,18}$/.test(query.after)) {
    throw new PlatformError('invalid_argument', '"after" must be the id of a record');
  }
  const later = query.after === undefined ? rows : rows.filter((row) => Number(row.id) > Number(query.after));
  const list = query.newestFirst ? [...later].reverse() : later;
  return memoryPage(query.newestFirst ? `${kind}-newest` : kind, list, query, (row) => row.id);
}
