import { hybridSize } from '../../../../core/forecast/lstm/hybrid-network';
import { startTraining, trainEpoch } from '../../../../core/forecast/training/train-epoch';
import { randomSet } from './random-set';

test('equal seeds and windows give equal bytes, and other seeds others', () => {
  const set = randomSet(130, 1);
  const trained = (seed: number) => trainEpoch(trainEpoch(startTraining(set.shape, seed), set), set);
  const [one, again, other] = [trained(5), trained(5), trained(6)];
  expect(Buffer.from(again.parameters.buffer).equals(Buffer.from(one.parameters.buffer))).toBe(true);
  expect(again).toEqual(one);
  expect(other.parameters).not.toEqual(one.parameters);
});

test('learns whom of the experts to follow, and leaves the state before as it was', () => {
  const set = randomSet(640, 2);
  const start = startTraining(set.shape, 1);
  const first = trainEpoch(start, set);
  let state = first;
  for (let pass = 0; pass < 3; pass++) state = trainEpoch(state, set);
  expect(state.loss as number).toBeLessThan((first.loss as number) / 2);
  expect(start).toEqual(startTraining(set.shape, 1));
  expect(state.epochs).toBe(4);
  expect(state.parameters).toHaveLength(hybridSize(set.shape));
});

test('of no windows nothing is learned', () => {
  const set = randomSet(0, 3);
  const start = startTraining(set.shape, 1);
  expect(trainEpoch(start, set)).toEqual({ ...start, epochs: 1 });
});
