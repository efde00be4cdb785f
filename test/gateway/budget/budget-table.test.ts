import { BudgetTable } from '../../../gateway/budget/budget-table';
import { silent, until } from '../gateway-harness';
import { SpendWorld } from './spend-world';

test('follows the store, and keeps the last budgets while it is away', async () => {
  const world = new SpendWorld();
  const record = world.setBudget({ limit: '1' });
  const seen: string[] = [];
  const table = new BudgetTable(
    world.store,
    (budgets) =>
      seen.push(budgets.map((each) => `${each.record.spec.limit} ${each.state?.steps.join() ?? '-'}`).join()),
    silent,
  );
  await table.open();
  world.setState(record, { steps: ['queue'] });
  await until(() => seen.length === 2, 'the state');
  world.away = true;
  world.setBudget({ limit: '2' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(table.budgets.map(({ record: { spec } }) => spec.limit)).toEqual(['1']);
  world.away = false;
  await until(() => seen.length === 3, 'the store again');
  expect(seen).toEqual(['1 -', '1 queue', '2 queue']);
  await table.close();
});
