import { peakBytes } from '../../../../bench/forecast/train-cost/peak-bytes';

test('it does not fall when memory is given back', () => {
  const before = peakBytes();
  expect(before).toBeGreaterThanOrEqual(process.memoryUsage().rss / 2);
  let ballast: Buffer | null = Buffer.alloc(300 * 2 ** 20, 1);
  const full = peakBytes();
  expect(full).toBeGreaterThanOrEqual(ballast.length);
  ballast = null;
  expect(peakBytes()).toBeGreaterThanOrEqual(full);
});
