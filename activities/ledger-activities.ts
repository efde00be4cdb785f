import { dollarsText } from '../core/cost/money';
import { storagePricing } from '../core/cost/storage-cost';
import { PlatformError } from '../core/error/platform-error';
import { MINUTE_COUNT_DAYS } from '../drivers/store/history-store';
import type { ActivityDependencies } from './dependencies';

const DAY_MS = 86_400_000;

/** Amounts are dollars as text, to the last digit. */
export interface PostedLedger {
  readonly lines: number;
  readonly dollars: string;
}

/** A difference as a workflow carries it. */
export interface ToldDifference {
  readonly tenant: string;
  readonly functionId: string;
  readonly minute: string;
  readonly component: string;
  readonly recorded: string;
  readonly charged: string;
}

/** What comparing records with the ledger has come to. */
export interface ComparedLedger {
  readonly calls: number;
  readonly sums: number;
  readonly differences: number;
  readonly unpriced: number;
  readonly examples: readonly ToldDifference[];
}

interface Window {
  readonly from: string;
  readonly to: string;
}

/** Keeps the ledger: brings charges into it, and checks it against the records that they come from. */
export function ledgerActivities({
  store,
  now,
  retention,
  prices,
}: Pick<ActivityDependencies, 'store' | 'now' | 'retention' | 'prices'>) {
  return {
    /** Charges checkpoints for the hours that have ended, and brings into the ledger what has come to be charged. */
    async postLedger(): Promise<PostedLedger> {
      const at = new Date(now());
      await store.putPriceTable(prices);
      await store.chargeStorage(at, storagePricing(prices));
      const { lines, amount } = await store.postLedger(at);
      return { lines, dollars: dollarsText(amount) };
    },

    /** Of a window the part of which there are records. @throws PlatformError invalid_argument where there are none any more */
    async recordedPart({ from, to }: Window): Promise<Window> {
      const days = Math.min(retention.days.invocations, MINUTE_COUNT_DAYS);
      const kept = Math.floor((now() - days * DAY_MS) / DAY_MS) * DAY_MS;
      if (Date.parse(to) > kept) return { from: new Date(Math.max(Date.parse(from), kept)).toISOString(), to };
      throw new PlatformError(
        'invalid_argument',
        `There are no records before ${new Date(kept).toISOString()} any more: the ledger cannot be compared with them`,
        { hint: 'retention.invocationDays of the configuration says how long records are kept.' },
      );
    },

    async compareLedger({ tenant, from, to }: Window & { readonly tenant: string | null }): Promise<ComparedLedger> {
      const found = await store.compareLedger({ tenant, from: new Date(from), to: new Date(to) });
      const examples = found.examples.map(({ minute, recorded, charged, ...of }) => ({
        ...of,
        minute: minute.toISOString(),
        recorded: dollarsText(recorded),
        charged: dollarsText(charged),
      }));
      return { ...found, examples };
    },

    /** Keeps what a check has found, and tells of it where it is not what it should be. */
    async closeLedgerCheck(
      input: Window & { readonly id: string; readonly tenant: string | null; readonly found: ComparedLedger },
    ): Promise<void> {
      const { id, tenant, from, to } = input;
      const { examples, ...found } = input.found;
      const at = new Date(now());
      if (found.differences + found.unpriced > 0) {
        const data = { from, to, ...found, examples };
        const event = { at, tenant, type: 'cost.ledger.mismatch', function: null, node: null, data };
        await store.writeEvents([event]);
      }
      await store.keepLedgerCheck({ id, at, tenant, from: new Date(from), to: new Date(to), ...found });
    },
  };
}
