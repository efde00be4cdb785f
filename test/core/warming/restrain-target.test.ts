import type { FunctionTarget } from '../../../core/warming/function-target';
import { restrainTarget } from '../../../core/warming/restrain-target';

const target: FunctionTarget = {
  steps: [
    { after: 0, running: 1, frozen: 4 },
    { after: 90, running: 0, frozen: 3 },
  ],
  keepAlive: [900, 20],
  pool: 3,
  uses: [0.1],
};

test('a budget with room changes nothing', () => {
  expect(restrainTarget(target, 2, { noPredictiveWarmth: false, shortKeepAlive: false, holdNothing: false })).toBe(
    target,
  );
});

test('without predictive warmth only what is declared is held; what was used rests as long as before', () => {
  expect(restrainTarget(target, 2, { noPredictiveWarmth: true, shortKeepAlive: false, holdNothing: false })).toEqual({
    ...target,
    pool: 0,
    steps: [{ after: 0, running: 0, frozen: 2 }],
  });
});

test('a shorter keep-alive ends long rests, and leaves the forecast its pool', () => {
  expect(restrainTarget(target, 2, { noPredictiveWarmth: false, shortKeepAlive: true, holdNothing: false })).toEqual({
    ...target,
    keepAlive: [60, 20],
    steps: [{ after: 0, running: 0, frozen: 3 }],
  });
});

test('while there is no money for calls nothing is held for them, not even what is declared', () => {
  const restraint = { noPredictiveWarmth: false, shortKeepAlive: false, holdNothing: true };
  expect(restrainTarget(target, 2, restraint)).toEqual({
    ...target,
    pool: 0,
    keepAlive: [0],
    steps: [{ after: 0, running: 0, frozen: 0 }],
  });
});
