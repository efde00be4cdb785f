import { firstGuess } from '../../../core/budget/first-guess';
import { markAt, toNextMark } from '../../../core/budget/next-mark';
import { LONGEST_READ_MS, readPaceMs, SHORTEST_READ_MS } from '../../../core/budget/read-pace';
import { SpendRate } from '../../../core/budget/spend-rate';
import { PRICE_PRESETS } from '../../../core/cost/price-presets';

test('the nearer the next mark, the sooner what is spent is read again', () => {
  expect(readPaceMs(1_000_000n, 0)).toBe(LONGEST_READ_MS);
  expect(readPaceMs(1_000_000n, 1)).toBe(LONGEST_READ_MS);
  expect(readPaceMs(8_000n, 1)).toBe(1_000);
  expect(readPaceMs(800n, 1)).toBe(SHORTEST_READ_MS);
  expect(readPaceMs(0n, 0)).toBe(SHORTEST_READ_MS);
  expect(readPaceMs(null, 1)).toBe(LONGEST_READ_MS);
});

test('the next mark is the nearest that the store does not show as reached', () => {
  expect(markAt(90, 1_000n)).toBe(900n);
  expect(markAt(33, 10n)).toBe(4n);
  const marks = [500n, 900n, 1_000n];
  expect(toNextMark(marks, 100n, 120n)).toBe(380n);
  expect(toNextMark(marks, 850n, 910n)).toBe(-10n);
  expect(toNextMark(marks, 1_000n, 1_200n)).toBeNull();
});

test('a rate is that of the last seconds, and never below nothing', () => {
  const rate = new SpendRate(4_000);
  expect(rate.perMs).toBe(0);
  rate.add(0, 1_000_000);
  expect(rate.perMs).toBe(0);
  rate.add(1_000, 500);
  expect(rate.perMs).toBe(0.5);
  for (let at = 2_000; at <= 10_000; at += 1_000) rate.add(at, 2_000);
  expect(rate.perMs).toBe(2);
  rate.add(11_000, -100_000);
  expect(rate.perMs).toBe(0);
  rate.forget();
  expect(rate.perMs).toBe(0);
});

test('a call of which nothing is known is taken to be short', () => {
  const { prices } = PRICE_PRESETS['aws-lambda'];
  // 0.2 for the request, and a tenth of a GB-second at 16.6667.
  expect(firstGuess(1e9, prices)).toBe(200_000 + 1_666_670);
});
