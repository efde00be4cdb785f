import fc from 'fast-check';
import { forecastSpend, type SpendFacts } from '../../../core/budget/spend-forecast';

const HOUR = 3_600_000;
const START = Date.parse('2026-03-01T00:00:00Z');
const MONTH = { start: START, end: START + 31 * 24 * HOUR };

/** Whole hours up to `now`, by what came in each; hours are counted from the month's start. */
function facts(hour: number, amount: (hour: number) => number, days = 28): SpendFacts {
  const past = Array.from({ length: days * 24 }, (_, index) => BigInt(amount(hour - days * 24 + index)));
  const spent = past.slice(-hour).reduce((sum, each) => sum + each, 0n);
  const until = START + hour * HOUR;
  return { period: MONTH, now: until, spent, past: { hours: past, until }, sincePast: 0n };
}

function within(actual: bigint, expected: number, percent: number): void {
  expect(Math.abs(Number(actual) - expected) / expected).toBeLessThan(percent / 100);
}

test('what is always the same goes on', () => {
  const { total, nextHour } = forecastSpend(facts(240, () => 1_000));
  within(total, 744_000, 0.01);
  within(nextHour, 1_000, 0.01);
});

test('days follow the pattern of days before them', () => {
  const day = (hour: number): number => (((hour % 24) + 24) % 24 < 8 ? 0 : 3_000);
  within(forecastSpend(facts(10 * 24 + 8, day)).total, 31 * 16 * 3_000, 1);
  expect(forecastSpend(facts(10 * 24 + 3, day)).nextHour).toBe(0n);
});

test('weekends follow those before them', () => {
  const week = (hour: number): number => (((Math.floor(hour / 24) % 7) + 7) % 7 < 2 ? 100 : 1_000);
  const month = Array.from({ length: 744 }, (_, hour) => week(hour)).reduce((sum, each) => sum + each, 0);
  within(forecastSpend(facts(12 * 24, week)).total, month, 1);
});

test('on days on which nothing ever happens nothing is expected', () => {
  const week = (hour: number): number => (((Math.floor(hour / 24) % 7) + 7) % 7 < 2 ? 0 : 1_000);
  const month = Array.from({ length: 744 }, (_, hour) => week(hour)).reduce((sum, each) => sum + each, 0);
  within(forecastSpend(facts(12 * 24, week)).total, month, 1);
});

test('a level that has risen for days is taken up', () => {
  const risen = (hour: number): number => (hour < 96 ? 1_000 : 3_000);
  within(forecastSpend(facts(240, risen)).total, 96_000 + 648 * 3_000, 3);
});

test('an hour that is far above the pattern counts for hours, not for the month', () => {
  const burst = facts(240, (hour) => (hour >= 237 ? 5_000 : 1_000));
  const { total, nextHour } = forecastSpend(burst);
  expect(nextHour).toBeGreaterThan(2_000n);
  expect(Number(total - burst.spent)).toBeLessThan(504 * 1_000 * 1.35);
});

test('without a past it goes on as it has begun, and a few seconds say little', () => {
  const none = { hours: [], until: START };
  const tenMinutes = { period: MONTH, now: START + HOUR / 6, spent: 100n, past: none, sincePast: 100n };
  within(forecastSpend(tenMinutes).total, 600 * 744, 1);
  const second = { ...tenMinutes, now: START + 1_000 };
  within(forecastSpend(second).total, 100 * 60 * 744, 1);
  expect(forecastSpend({ ...second, spent: 0n, sincePast: 0n })).toEqual({ total: 0n, nextHour: 0n });
});

test('work in hours that were always quiet goes on for some hours', () => {
  const night = (hour: number): number => (((hour % 24) + 24) % 24 < 8 ? 0 : 3_000);
  const usual = facts(10 * 24 + 4, night);
  const busy = { ...usual, now: usual.now + 1_800_000, sincePast: 9_000n, spent: usual.spent + 9_000n };
  const more = forecastSpend(busy).total - forecastSpend(usual).total;
  expect(more).toBeGreaterThan(15_000n);
  expect(more).toBeLessThan(30_000n);
});

test('what was spent in the oldest hour alone is no pattern', () => {
  const once = facts(240, (hour) => (hour === 215 ? 5_000 : 0));
  expect(forecastSpend(once)).toEqual({ total: once.spent, nextHour: 0n });
});

test('hours before the first spend do not count', () => {
  within(forecastSpend(facts(240, (hour) => (hour < 210 ? 0 : 1_000))).total, 30_000 + 504_000, 1);
});

test('it is never below what is spent, ends there, and is proportional', () => {
  const hours = fc.array(fc.integer({ min: 0, max: 1_000_000_000 }), { maxLength: 400 });
  fc.assert(
    fc.property(hours, fc.integer({ min: 0, max: 744 * 60 }), fc.nat(1_000_000_000), (amounts, minute, since) => {
      const now = START + minute * 60_000;
      const until = Math.floor(now / HOUR) * HOUR;
      const made = (times: bigint): SpendFacts => ({
        period: MONTH,
        now,
        spent: 12_345n * times,
        past: { hours: amounts.map((amount) => BigInt(amount) * times), until },
        sincePast: BigInt(since) * times,
      });
      const { total, nextHour } = forecastSpend(made(1n));
      expect(total >= 12_345n).toBe(true);
      expect(nextHour >= 0n).toBe(true);
      expect(forecastSpend({ ...made(1n), now: MONTH.end }).total).toBe(12_345n);
      const thousand = forecastSpend(made(1_000n)).total;
      expect(Math.abs(Number(thousand) - Number(total) * 1_000)).toBeLessThan(1_000 + Number(thousand) * 1e-9);
    }),
  );
});
