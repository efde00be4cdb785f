import type { ListedFunction } from '../../../console/src/lib/answers';
import { functionRow, shownRows, weightsText } from '../../../console/src/pages/functions/function-rows';

const listed = (name: string, activity?: Partial<NonNullable<ListedFunction['activity']>>): ListedFunction => ({
  id: name,
  tenant: 'acme',
  name,
  labels: { team: name === 'pay' ? 'shop' : 'core' },
  generation: 1,
  createdAt: '2026-03-04T05:06:07.000Z',
  path: `/fn/acme/${name}/`,
  activity: {
    state: 'serving',
    live: [{ revision: 3, weight: 100 }],
    minutes: [0, 2, 3],
    errors: 1,
    byKind: { hot: 3, warm: 0, restore: 1, cold: 1 },
    instances: { running: 1, frozen: 2 },
    checkpoints: 1,
    ...activity,
  },
});

test('a row sums the hour and says which part of its starts was cold', () => {
  expect(functionRow(listed('pay'))).toEqual({
    ...{ name: 'pay', labels: 'team=shop', state: 'serving', revision: '3', requests: 5, minutes: [0, 2, 3] },
    ...{ errors: 1, coldShare: 0.2, running: 1, frozen: 2, checkpoints: 1 },
  });
  const quiet = { live: null, minutes: [0], byKind: { hot: 0, warm: 0, restore: 0, cold: 0 } };
  expect(functionRow(listed('new', quiet))).toMatchObject({ revision: '–', requests: 0, coldShare: null });
});

test('weights are told only where there are several', () => {
  expect(weightsText([{ revision: 3, weight: 100 }])).toBe('3');
  expect(weightsText([{ revision: 3, weight: 90 }, { revision: 4, weight: 10 }])).toBe('3 (90 %), 4 (10 %)'); // prettier-ignore
});

test('rows are found by words of name, label and state, and fall by numbers', () => {
  const rows = [
    functionRow(listed('pay')),
    functionRow(listed('tax', { minutes: [9], byKind: { hot: 0, warm: 0, restore: 0, cold: 1 } })),
    functionRow(listed('cart', { state: 'failed', minutes: [5], byKind: { hot: 0, warm: 0, restore: 0, cold: 0 } })),
  ];
  const names = (search: string, sort: Parameters<typeof shownRows>[2]) =>
    shownRows(rows, search, sort).map(({ name }) => name);
  expect(names('', 'name')).toEqual(['cart', 'pay', 'tax']);
  expect(names('', 'requests')).toEqual(['tax', 'cart', 'pay']);
  expect(names('', 'coldShare')).toEqual(['tax', 'pay', 'cart']);
  expect(names('SHOP serving', 'name')).toEqual(['pay']);
  expect(names('failed', 'name')).toEqual(['cart']);
  expect(names('nothing', 'name')).toEqual([]);
});
