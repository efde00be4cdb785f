import { CALL_COMPONENTS } from '../core/cost/call-usage';
import type { AdviceWindow } from '../core/cost/advice/judge-advice';
import type { Store } from '../drivers/store/store';

const MINUTE_MS = 60_000;
/** Components of days: a window has seven of them at most, but for one that ends in the middle of two. */
const MOST_LINES = 1_000;

/**
 * What the ledger and the counts have of a function in a time, or of all functions, in whole minutes. Late are calls that found no
 * instance; calls that came later than their SLA are in the cost, as credits.
 */
export async function observedWindow(
  store: Pick<Store, 'findFunction' | 'minuteCounts' | 'ledger'>,
  target: { readonly tenant: string; readonly function: string } | null,
  from: Date,
  to: Date,
): Promise<AdviceWindow> {
  const fn = target && (await store.findFunction(target.tenant, target.function));
  if (target && !fn) return { calls: 0, cost: 0n, failures: 0, late: 0 };
  const [begin, end] = [minuteOf(from, Math.ceil), minuteOf(to, Math.floor)];
  const window = { from: begin, to: end };
  const counts = await store.minuteCounts({ ...window, ...(fn ? { functionId: fn.id } : {}) });
  const sum = (of: (count: (typeof counts)[number]) => number): number =>
    counts.reduce((all, count) => all + of(count), 0);
  return {
    calls: sum(({ total }) => total),
    // A node that is switched off is saved, whatever its functions cost.
    cost: fn ? await costOfCalls(store, { tenant: fn.tenant, functionId: fn.id, ...window }) : 0n,
    failures: sum(({ errors }) => errors),
    late: sum(({ byKind }) => byKind.restore + byKind.cold),
  };
}

/** What the ledger has of calls alone: warmth and checkpoints are kept whether anybody calls or not. */
async function costOfCalls(
  store: Pick<Store, 'ledger'>,
  query: { readonly tenant: string; readonly functionId: string; readonly from: Date; readonly to: Date },
): Promise<bigint> {
  const { items } = await store.ledger({ ...query, by: 'day', components: CALL_COMPONENTS, limit: MOST_LINES });
  return items.reduce((sum, { amount }) => sum + amount, 0n);
}

function minuteOf(at: Date, round: (minutes: number) => number): Date {
  return new Date(MINUTE_MS * round(at.getTime() / MINUTE_MS));
}
