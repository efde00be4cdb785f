import { pastUntil, SpendPast } from '../../activities/spend-past';
import type { SpendWindow } from '../../drivers/store/budget-store';

const HOUR = 3_600_000;
const NOON = Date.parse('2026-03-15T12:00:00Z');
let asked: SpendWindow[];
const past = () =>
  new SpendPast({
    spendByHour: async (query) => {
      asked.push(query);
      const hour = new Date(query.to.getTime() - HOUR);
      return [{ hour, amount: BigInt(hour.getUTCHours()) }];
    },
  });
const query = { tenant: 'acme', functionIds: null };
beforeEach(() => (asked = []));

test('an hour is over when the last of it has been posted', () => {
  expect(pastUntil(NOON + 299_999)).toBe(NOON - HOUR);
  expect(pastUntil(NOON + 300_000)).toBe(NOON);
});

test('four weeks are read once, then the hours that came since', async () => {
  const one = past();
  const first = await one.of('b', query, NOON + 600_000);
  expect(first.until).toBe(NOON);
  expect(first.hours).toHaveLength(28 * 24);
  expect(first.hours.at(-1)).toBe(11n);
  await one.of('b', query, NOON + 700_000);
  expect(asked).toHaveLength(1);
  const later = await one.of('b', query, NOON + 2 * HOUR + 600_000);
  expect(asked[1]).toMatchObject({ from: new Date(NOON), to: new Date(NOON + 2 * HOUR) });
  expect(later.hours).toHaveLength(28 * 24);
  expect(later.hours.slice(-3)).toEqual([11n, 0n, 13n]);
});

test('what other functions have cost is read anew, and so is what was forgotten', async () => {
  const one = past();
  await one.of('b', query, NOON + 600_000);
  await one.of('b', { tenant: 'acme', functionIds: ['f'] }, NOON + 600_000);
  one.keepOnly(new Set());
  await one.of('b', { tenant: 'acme', functionIds: ['f'] }, NOON + 600_000);
  expect(asked.map(({ functionIds }) => functionIds)).toEqual([null, ['f'], ['f']]);
});
