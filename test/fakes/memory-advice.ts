import { PlatformError } from '../../core/error/platform-error';
import type { AdviceRecord, AdviceStore, MemoryHour } from '../../drivers/store/advice-store';
import type { HeldMinute, HeldStore } from '../../drivers/store/held-store';
import { revisionMemory } from '../../drivers/store/revision-memory';
import type { RecordSink } from '../../drivers/store/store';

const HOUR_MS = 3_600_000;

/** Recommendations, and what was seen of memory, in memory. */
export function memoryAdvice(
  functionIds: () => readonly string[],
  heldMinutes: HeldStore['heldMinutes'],
): AdviceStore & Pick<RecordSink, 'writeMemoryHours'> {
  const hours = new Map<string, MemoryHour>();
  const records = new Map<string, AdviceRecord>();
  return {
    async writeMemoryHours(batch) {
      for (const row of batch)
        hours.set([row.revisionId, row.hour.getTime(), row.node, row.incarnation].join(' '), row);
    },
    async revisionMemory({ from, to }) {
      const rows = [...hours.values()]
        .filter(({ hour }) => hour.getTime() > from.getTime() - HOUR_MS && hour < to)
        .sort((a, b) => a.hour.getTime() - b.hour.getTime());
      return revisionMemory(rows);
    },
    heldMemory: async ({ from, to }) =>
      Promise.all(
        functionIds().map(async (functionId) => {
          const minutes = await heldMinutes({ functionId, from, to });
          const sum = (of: (minute: HeldMinute) => bigint): number => minutes.reduce((all, row) => all + Number(of(row)), 0); // prettier-ignore
          return {
            functionId,
            runningByteMs: sum(({ runningByteMs }) => runningByteMs),
            frozenByteMs: sum(({ frozenByteMs }) => frozenByteMs),
          };
        }),
      ),
    async replaceAdvice(found, { at, tenant, strategies }) {
      for (const { id, state, strategy, tenant: owner } of [...records.values()]) {
        const seen = (tenant === null || owner === tenant) && (strategies?.includes(strategy) ?? true);
        const meant = state === 'open' && seen;
        if (meant && !found.some((item) => item.id === id)) records.delete(id);
      }
      for (const item of found) {
        const known = records.get(item.id);
        if (known?.state === 'applying' || known?.state === 'watching') continue;
        const fresh = known?.state !== 'reverted';
        const nothing = { appliedBy: null, appliedAt: null, decidedAt: null, workflowId: null };
        records.set(item.id, {
          ...nothing,
          ...known,
          ...item,
          foundAt: at,
          state: fresh ? 'open' : 'reverted',
          reason: fresh ? null : (known?.reason ?? null),
        });
      }
    },
    findAdvice: async (id) => records.get(id) ?? null,
    advice: async ({ tenant, states, limit = 1_000 }) =>
      [...records.values()]
        .filter((item) => (tenant === null || item.tenant === tenant) && (states?.includes(item.state) ?? true))
        .sort((a, b) => Number(b.monthlySaving - a.monthlySaving) || (a.id < b.id ? -1 : 1))
        .slice(0, limit),
    async stepAdvice(id, step, onlyIf) {
      const known = records.get(id);
      if (!known) throw new PlatformError('not_found', `There is no recommendation ${id}`);
      if (!onlyIf.includes(known.state))
        throw new PlatformError('precondition_failed', `Recommendation ${id} is ${known.state}, not ${onlyIf.join(' or ')}`); // prettier-ignore
      const next = { ...known, ...step };
      records.set(id, next);
      return next;
    },
  };
}
