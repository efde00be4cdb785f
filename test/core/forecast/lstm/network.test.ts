import { Adam } from '../../../../core/forecast/lstm/adam';
import { LstmNetwork } from '../../../../core/forecast/lstm/network';
import { firstParameters, parameterPlaces } from '../../../../core/forecast/lstm/shape';
import { expectGradient } from './expect-gradient';

/** Numbers in [0, 1) that a seed decides. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

test('its gradient is the slope of the loss by each parameter', () => {
  const shape = { inputs: 3, hidden: 4, outputs: 2 };
  const random = seeded(1);
  const parameters = firstParameters(shape, random);
  const network = new LstmNetwork(shape, 5, 3);
  const input = Float64Array.from({ length: 5 * 3 * 3 }, () => 2 * random() - 1);
  const target = Float64Array.from({ length: 3 * 2 }, () => random());
  const loss = (): number => {
    let sum = 0;
    network.forward(parameters, input).forEach((value, i) => (sum += (value - (target[i] as number)) ** 2 / 2));
    return sum;
  };
  loss();
  const slope = network.forward(parameters, input).map((value, i) => value - (target[i] as number));
  const gradient = new Float64Array(parameters.length);
  network.backward(slope, gradient);
  expectGradient(gradient, parameters, loss);
});

test('each sequence of a batch stands for itself', () => {
  const shape = { inputs: 2, hidden: 3, outputs: 1 };
  const random = seeded(2);
  const parameters = firstParameters(shape, random);
  const sequences = [0, 1].map(() => Float64Array.from({ length: 4 * 2 }, () => random()));
  const together = new Float64Array(4 * 2 * 2);
  for (let step = 0; step < 4; step++) {
    sequences.forEach((sequence, b) => together.set(sequence.subarray(step * 2, step * 2 + 2), (step * 2 + b) * 2));
  }
  const both = [...new LstmNetwork(shape, 4, 2).forward(parameters, together)];
  const alone = sequences.map((sequence) => new LstmNetwork(shape, 4, 1).forward(parameters, sequence)[0] as number);
  both.forEach((value, b) => expect(value).toBeCloseTo(alone[b] as number, 12));
});

test('learns what only memory can know: the first value of a sequence', () => {
  const shape = { inputs: 1, hidden: 8, outputs: 1 };
  const random = seeded(3);
  const parameters = firstParameters(shape, random);
  const network = new LstmNetwork(shape, 6, 32);
  const adam = new Adam(parameters.length);
  const gradient = new Float64Array(parameters.length);
  let error = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 400; round++) {
    const input = Float64Array.from({ length: 6 * 32 }, () => (random() < 0.5 ? -1 : 1));
    const output = network.forward(parameters, input);
    const slope = output.map((value, b) => (value - (input[b] as number)) / 32);
    error = output.reduce((sum, value, b) => sum + Math.abs(value - (input[b] as number)), 0) / 32;
    gradient.fill(0);
    network.backward(slope, gradient);
    expect(adam.step(parameters, gradient, 0.02)).toBe(true);
  }
  expect(error).toBeLessThan(0.1);
});

test('a gradient that is no number changes nothing', () => {
  const parameters = Float64Array.of(1, 2);
  expect(new Adam(2).step(parameters, Float64Array.of(Number.NaN, 1), 0.1)).toBe(false);
  expect([...parameters]).toEqual([1, 2]);
});

test('parameters lie one after the other, and the forget gate remembers at first', () => {
  const shape = { inputs: 2, hidden: 3, outputs: 4 };
  const { size, gateBias } = parameterPlaces(shape);
  expect(size).toBe(2 * 12 + 3 * 12 + 12 + 3 * 4 + 4);
  expect([...firstParameters(shape, seeded(4)).subarray(gateBias, gateBias + 12)]).toEqual([
    0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0,
  ]);
});
