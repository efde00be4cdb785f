import type { CostTally } from '../../core/cost/cost-tally';
import type { UnitPrices } from '../../core/cost/price-table';
import { storageCost } from '../../core/cost/storage-cost';
import type { HeldBatch } from '../../core/cost/warmth/held-batch';
import { GB_MONTH_BYTE_MS, GB_SECOND_BYTE_MS } from '../../core/cost/warmth/held-amount';
import { warmthCost } from '../../core/cost/warmth/warmth-cost';
import type { Tier } from '../../core/function/manifest';
import type { HeldMinute, StorageHour } from '../../drivers/store/held-store';
import type { CheckpointRecord, FunctionRecord, Store } from '../../drivers/store/store';
import type { memoryCosts } from './memory-costs';

const HOUR_MS = 3_600_000;
const MOST_HOURS = 24;

/** What a checkpoint's bytes are charged to. */
interface Kept {
  readonly checkpoint: CheckpointRecord;
  readonly owner: FunctionRecord;
  readonly tier: Tier;
}

interface Tallied {
  readonly tallyKept: (tally: CostTally, window: { tenant: string | null; from: Date; to: Date }) => void;
}

const placeOf = ({ minute, node, pricing }: HeldMinute): string => [minute.toISOString(), node, pricing].join(' ');

/** What is kept for functions between their calls, in maps. */
export function memoryHeld(
  charge: ReturnType<typeof memoryCosts>['chargeKept'],
  kept: () => Promise<readonly Kept[]>,
): Pick<Store, 'writeHeld' | 'heldMinutes' | 'chargeStorage' | 'storageHours'> & Tallied {
  const batches = new Set<string>();
  const minutes = new Map<string, HeldMinute>();
  const hours = new Map<string, StorageHour>();

  return {
    tallyKept: (tally, { tenant: whose, from, to }) => {
      const asked = (tenant: string, at: Date): boolean =>
        at >= from && at < to && (whose === null || whose === tenant);
      for (const { tenant, ...row } of minutes.values()) {
        if (tenant === null || !asked(tenant, row.minute)) continue;
        tally.keep({ ...row, tenant, component: 'warmth' }, (prices) => warmthCost(row, prices));
      }
      for (const { hour: minute, byteMs, ...row } of hours.values()) {
        if (!asked(row.tenant, minute)) continue;
        const reckon = ({ checkpointGbMonth }: UnitPrices): bigint => storageCost(byteMs, checkpointGbMonth);
        tally.keep({ ...row, minute, component: 'storage' }, reckon);
      }
    },

    writeHeld: async ({ id, node, pricing, prices, rows }: HeldBatch) => {
      if (batches.has(id)) return;
      batches.add(id);
      for (const row of rows) {
        const key = [row.functionId, row.minute.getTime(), node, pricing].join(' ');
        const old = minutes.get(key);
        const sum = {
          ...row,
          runningByteMs: row.runningByteMs + (old?.runningByteMs ?? 0n),
          frozenByteMs: row.frozenByteMs + (old?.frozenByteMs ?? 0n),
          sharedByteMs: row.sharedByteMs + (old?.sharedByteMs ?? 0n),
        };
        const cost = warmthCost(sum, prices);
        minutes.set(key, { ...sum, node, pricing, cost });
        const more = row.runningByteMs + row.frozenByteMs + row.sharedByteMs;
        const { tenant, minute: at } = row;
        if (tenant !== null) {
          charge({ ...row, tenant, at }, 'warmth', Number(more) / GB_SECOND_BYTE_MS, cost - (old?.cost ?? 0n));
        }
      }
    },
    heldMinutes: async ({ functionId, from, to }) =>
      [...minutes.values()]
        .filter((row) => row.functionId === functionId && row.minute >= from && row.minute < to)
        .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)),

    chargeStorage: async (now, prices) => {
      // Nothing is waited for afterwards: callers at the same time come one after the other.
      const all = await kept();
      const until = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
      const last = Math.max(...[...hours.values()].map(({ hour }) => hour.getTime()));
      const first = Number.isFinite(last) ? last + HOUR_MS : until - HOUR_MS;
      const known = hours.size;
      for (let hour = Math.max(first, until - MOST_HOURS * HOUR_MS); hour < until; hour += HOUR_MS) {
        for (const { checkpoint, owner, tier } of all) {
          const { createdAt, sealedBytes, state } = checkpoint;
          const ms = hour + HOUR_MS - Math.max(hour, createdAt.getTime());
          if (ms <= 0 || (state !== 'ready' && state !== 'quarantined') || sealedBytes === 0) continue;
          const { pricing, checkpointGbMonth } = prices[tier];
          const key = [owner.id, hour, pricing].join(' ');
          const byteMs = (hours.get(key)?.byteMs ?? 0n) + BigInt(sealedBytes) * BigInt(ms);
          const cost = storageCost(byteMs, checkpointGbMonth);
          const before = hours.get(key)?.cost ?? 0n;
          const whose = { tenant: owner.tenant, functionId: owner.id, function: owner.name };
          hours.set(key, { ...whose, hour: new Date(hour), pricing, byteMs, cost });
          const quantity = (sealedBytes * ms) / GB_MONTH_BYTE_MS;
          charge({ ...whose, at: new Date(hour) }, 'storage', quantity, cost - before);
        }
      }
      return hours.size - known;
    },
    storageHours: async ({ functionId, from, to }) =>
      [...hours.values()]
        .filter((row) => row.functionId === functionId && row.hour >= from && row.hour < to)
        .sort((a, b) => a.hour.getTime() - b.hour.getTime()),
  };
}
