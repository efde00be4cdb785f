import { CALL_COMPONENTS, CALL_SCALES } from '../../core/cost/call-usage';
import type { CallCosts } from '../../core/cost/cost-sum';
import { CostTally } from '../../core/cost/cost-tally';
import { PriceBook } from '../../core/cost/price-book';
import { priceTableId } from '../../core/cost/price-table-id';
import { CREDIT, type CostComponent, type PriceTable } from '../../core/cost/price-table';
import type { LedgerStep } from '../../core/cost/ledger-step';
import type { CostStore, LedgerCheck, LedgerLine } from '../../drivers/store/cost-store';
import type { InvocationRecord } from '../../drivers/store/store';
import { memoryPage } from './memory-list';

const MINUTE_MS = 60_000;

/** Whose costs they are. */
interface Charged {
  readonly tenant: string;
  readonly functionId: string;
  readonly function: string;
  readonly at: Date;
}
interface Line extends LedgerLine {
  readonly tenant: string;
}

interface Charges {
  readonly charge: (of: Charged, costs: CallCosts) => void;
  readonly chargeKept: (of: Charged, component: 'warmth' | 'storage', quantity: number, amount: bigint) => void;
}

type Window = Parameters<CostStore['compareLedger']>[0];

/**
 * Charges in arrays: `charge` is told of calls that were written, `chargeKept` of what is kept.
 * @param invocations all that were @param tallyKept tells a tally of what was kept in a window
 */
export function memoryCosts(
  invocations: () => Iterable<InvocationRecord>,
  tallyKept: (tally: CostTally, window: Window) => void,
): CostStore & Charges {
  const tables = new Map<string, PriceTable>();
  let waiting: Line[] = [];
  const posted: Line[] = [];
  const checks: LedgerCheck[] = [];
  return {
    charge: ({ tenant, functionId, function: name, at }, { used, cost }) => {
      const time = new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS);
      for (const [part, component] of CALL_COMPONENTS.entries()) {
        const amount = cost[part] ?? 0n;
        const quantity = (used[part] ?? 0) / (CALL_SCALES[part] ?? 1);
        if (amount > 0n) waiting.push({ tenant, time, functionId, function: name, component, quantity, amount });
      }
    },
    chargeKept: ({ tenant, functionId, function: name, at: time }, component, quantity, amount) => {
      if (amount > 0n) waiting.push({ tenant, time, functionId, function: name, component, quantity, amount });
    },
    putPriceTable: async (table) => {
      const id = priceTableId(table);
      if (!tables.has(id)) tables.set(id, structuredClone(table));
      return id;
    },
    priceTable: async (id) => tables.get(id) ?? null,
    postLedger: async (now) => {
      const over = ({ time }: Line): boolean => time.getTime() + MINUTE_MS <= now.getTime();
      const lines = summed('minute', waiting.filter(over));
      waiting = waiting.filter((line) => !over(line));
      posted.push(...lines);
      return { lines: lines.length, amount: lines.reduce((sum, { amount }) => sum + amount, 0n) };
    },
    ledger: async (query) => {
      const found = posted.filter(
        ({ tenant, functionId, time, component }) =>
          tenant === query.tenant &&
          (query.functionId === undefined || functionId === query.functionId) &&
          (query.components === undefined || query.components.includes(component)) &&
          time >= query.from &&
          time < query.to,
      );
      const whose = query.sum ? found.map((line) => ({ ...line, functionId: '', function: '' })) : found;
      const lines = summed(query.by, whose).map(({ tenant: _, ...line }): LedgerLine => line);
      return memoryPage(`ledger-${query.by}${query.sum ? '-sum' : ''}`, lines, query, (line) => keyOf(line));
    },
    compareLedger: async ({ tenant, from, to }) => {
      const tally = new CostTally(new PriceBook(tables.values()));
      for (const record of invocations()) {
        if (record.at >= from && record.at < to && (tenant === null || record.tenant === tenant)) tally.add(record);
      }
      tallyKept(tally, { tenant, from, to });
      const charged = summed('minute', [...posted, ...waiting]).filter(
        (line) => line.time >= from && line.time < to && (tenant === null || line.tenant === tenant),
      );
      const { sums, differences } = tally.compare(charged.map(({ time: minute, ...line }) => ({ ...line, minute })));
      const { calls, unpriced } = tally;
      return { calls, sums, differences: differences.length, examples: differences, unpriced };
    },
    keepLedgerCheck: async (check) => {
      if (!checks.some(({ id }) => id === check.id)) checks.push(check);
    },
    latestLedgerCheck: async () =>
      checks.filter(({ tenant }) => tenant === null).sort((a, b) => b.at.getTime() - a.at.getTime())[0] ?? null,
    spend: async (queries) =>
      queries.map(({ tenant, functionIds, from, to }) => {
        const byFunction = new Map<string, bigint>();
        for (const line of [...posted, ...waiting]) {
          if (line.tenant !== tenant || line.time < from || line.time >= to || line.component === CREDIT) continue;
          if (functionIds && !functionIds.includes(line.functionId)) continue;
          byFunction.set(line.functionId, (byFunction.get(line.functionId) ?? 0n) + line.amount);
        }
        const spent = [...byFunction.values()].reduce((sum, amount) => sum + amount, 0n);
        return { spent, byFunction, readFrom: new Date() };
      }),
  };
}

function keyOf(line: { time: Date; functionId: string; component: CostComponent }): string {
  return `${line.time.toISOString()} ${line.functionId} ${line.component}`;
}

function summed(by: LedgerStep, lines: readonly Line[]): Line[] {
  const sums = new Map<string, Line>();
  for (const line of lines) {
    const each = { ...line, time: stepOf(by, line.time) };
    const key = `${each.tenant} ${keyOf(each)}`;
    const known = sums.get(key);
    const [quantity, amount] = [line.quantity + (known?.quantity ?? 0), line.amount + (known?.amount ?? 0n)];
    sums.set(key, { ...each, quantity, amount });
  }
  return [...sums.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function stepOf(by: LedgerStep, time: Date): Date {
  const text = time.toISOString();
  if (by === 'month') return new Date(`${text.slice(0, 7)}-01T00:00:00.000Z`);
  if (by === 'day') return new Date(`${text.slice(0, 10)}T00:00:00.000Z`);
  return new Date(`${text.slice(0, by === 'hour' ? 13 : 16)}${by === 'hour' ? ':00' : ''}:00.000Z`);
}
