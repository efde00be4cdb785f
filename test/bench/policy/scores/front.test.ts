import { atWaste, wasteFor } from '../../../../bench/policy/scores/front';
import {
  alwaysCold,
  coldPercent,
  functionMean,
  thirdQuartile,
  type PolicyScore,
} from '../../../../bench/policy/scores/policy-score';

function score(millions: number, cold: readonly number[], calls = 100): PolicyScore {
  const sum = cold.reduce((total, each) => total + each, 0);
  return {
    calls: calls * cold.length,
    cold: sum,
    heldGbSeconds: 1e6 * millions,
    busyGbSeconds: 0,
    delaySeconds: 0,
    p99Seconds: 0,
    functions: cold.map((each, index) => ({ pattern: index < 2 ? 'a' : 'b', calls, cold: each, p99Seconds: 0 })),
  };
}

test('shares by calls and by function', () => {
  const measured = score(1, [0, 10, 20, 30, 100]);
  expect([coldPercent(measured), functionMean(measured), thirdQuartile(measured), alwaysCold(measured)]).toEqual([32, 32, 30, 20]); // prettier-ignore
  expect(thirdQuartile(measured, 'a')).toBe(7.5);
  expect(functionMean(score(1, []))).toBe(0);
});

test('between two prices the logarithm of the share falls with the waste', () => {
  const front = [score(20, [4]), score(10, [16])];
  expect(atWaste(front, 15, coldPercent)).toBeCloseTo(8);
  expect(wasteFor(front, 8, coldPercent)).toBeCloseTo(15);
  expect(atWaste(front, 20, coldPercent)).toBeCloseTo(4);
});

test('outside of the prices there is no value; a share of 0 has no logarithm', () => {
  const front = [score(10, [16]), score(20, [0])];
  expect([atWaste(front, 9, coldPercent), wasteFor(front, 17, coldPercent), wasteFor(front, 0, coldPercent)]).toEqual([null, null, null]); // prettier-ignore
  expect(atWaste(front, 15, coldPercent)).toBe(8);
});
