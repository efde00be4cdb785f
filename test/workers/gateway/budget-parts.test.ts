import { pino } from 'pino';
import type { Store } from '../../../drivers/store/store';
import { createBudgetParts } from '../../../workers/gateway/budget-parts';
import { BOOK, CLOUD, paidFor, PRICED } from '../../drivers/store/cost-contract';
import { routeOf, SpendWorld } from '../../gateway/budget/spend-world';
import { recordOf } from '../../gateway/record/invocation-record';

beforeEach(() => void jest.useFakeTimers({ now: Date.UTC(2026, 4, 15) }));
afterEach(() => void jest.useRealTimers());

test('a budget counts what a call pays, and not its credit for having been late', async () => {
  const world = new SpendWorld();
  world.setBudget({ limit: '1' });
  const parts = createBudgetParts({
    ...{ store: world.store as unknown as Store, prices: CLOUD, priceBook: BOOK },
    ...{ workflows: { startEnforce: () => Promise.resolve() }, flush: () => undefined, log: pino({ level: 'silent' }) },
  });
  const route = routeOf('a');
  parts.book.routesChanged([route]);
  await Promise.all([parts.book.open(), jest.advanceTimersByTimeAsync(20)]);
  if (!route.spend) throw new Error('the budget covers it');
  const late = recordOf({ pricing: PRICED, kind: 'hot', totalMs: 3_600_000, memoryByteMs: 1e12 });
  const refused = recordOf({ pricing: PRICED, kind: null, node: null, totalMs: 3_600_000 });
  for (const record of [late, refused]) parts.spent(route.spend, record);
  const [budget] = parts.book.budgets;
  expect(budget?.meter.spent).toBe(paidFor([late]));
  expect(paidFor([late])).toBeGreaterThan(0n);
  await parts.book.close();
});
