import { MeasuredFunction } from '../../../core/warming/measured-function';
import { DEFAULT_PRICES } from '../../../core/warming/prices';
import { StartTimes } from '../../../core/warming/start-times';

const declared = { memoryGb: 1, hasCheckpoint: false, concurrency: 1, min: 0, max: 4 };
let fn: MeasuredFunction;

beforeEach(() => {
  fn = new MeasuredFunction('f', declared, new StartTimes({ warm: 0.003, restore: 0.02, cold: 0.1 }), DEFAULT_PRICES);
});

it('prices its last rung by the starts that were measured', () => {
  expect(fn.rungs.at(-1)).toMatchObject({ name: 'nothing', delaySeconds: 0.1 });
  for (let start = 0; start < 50; start++) fn.learn({ kind: 'cold', waitMs: 900, executeMs: 10 });
  expect(fn.rungs.at(-1)?.delaySeconds).toBeCloseTo(0.9, 3);
  expect(fn.executeSeconds).toBeLessThan(0.05);
});

it('starts from a checkpoint as soon as there is one', () => {
  fn.declare({ ...declared, hasCheckpoint: true, max: 2 });
  expect(fn.rungs.at(-1)).toMatchObject({ name: 'local', delaySeconds: 0.02 });
  expect(fn.max).toBe(2);
});

it('learns nothing from what is no time, and of starts nothing from hot calls', () => {
  const before = { rungs: fn.rungs, seconds: fn.executeSeconds };
  fn.learn({ kind: 'hot', waitMs: 500, executeMs: Number.NaN });
  fn.learn({ kind: null, waitMs: 500, executeMs: -1 });
  expect({ rungs: fn.rungs, seconds: fn.executeSeconds }).toEqual(before);
});
