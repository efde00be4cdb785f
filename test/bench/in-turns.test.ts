import { inTurns } from '../../bench/harness/in-turns';

test('no more at once than said, results in the order of the items', async () => {
  let [running, most] = [0, 0];
  const results = await inTurns([30, 5, 20, 1, 10], 2, async (ms) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, ms));
    running--;
    return ms * 2;
  });
  expect(results).toEqual([60, 10, 40, 2, 20]);
  expect(most).toBe(2);
});
