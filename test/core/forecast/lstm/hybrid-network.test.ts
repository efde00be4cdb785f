import {
  beginHybrid,
  HybridNetwork,
  hybridSize,
  type HybridInput,
} from '../../../../core/forecast/lstm/hybrid-network';
import { seededRandom } from '../../../../core/random/seeded-random';
import { expectGradient } from './expect-gradient';

const SHAPE = { steps: 4, inputs: 2, hidden: 3, summary: 2, horizon: 3, context: 4, experts: 3, gate: 5 };

function inputOf(batch: number, random: () => number): HybridInput {
  const { steps, inputs, horizon, context, experts } = SHAPE;
  const some = (length: number): Float64Array => Float64Array.from({ length }, random);
  return {
    sequence: some(steps * batch * inputs),
    context: some(batch * horizon * context),
    experts: some(batch * horizon * experts),
  };
}

test('its gradient is the slope of the loss by each parameter', () => {
  const random = seededRandom(3);
  const network = new HybridNetwork(SHAPE, 2);
  const parameters = beginHybrid(SHAPE, random);
  const input = inputOf(2, random);
  const target = Float64Array.from({ length: 2 * SHAPE.horizon }, random);
  const loss = (): number => {
    let sum = 0;
    network.forward(parameters, input).forEach((value, i) => (sum += (value - (target[i] as number)) ** 2 / 2));
    return sum;
  };
  const slope = network.forward(parameters, input).map((value, i) => value - (target[i] as number));
  const gradient = new Float64Array(parameters.length);
  network.backward(input, slope, gradient);
  expectGradient(gradient, parameters, loss);
});

test('what it says lies near what one of the experts says, whatever its parameters', () => {
  const random = seededRandom(4);
  const network = new HybridNetwork(SHAPE, 1);
  const input = inputOf(1, random);
  for (let round = 0; round < 50; round++) {
    const parameters = Float64Array.from({ length: hybridSize(SHAPE) }, () => 100 * (random() - 0.5));
    network.forward(parameters, input).forEach((value, row) => {
      const experts = [...input.experts.subarray(row * SHAPE.experts, (row + 1) * SHAPE.experts)];
      expect(value).toBeGreaterThanOrEqual(Math.min(...experts) * Math.exp(-0.25) - 1e-9);
      expect(value).toBeLessThanOrEqual(Math.max(...experts) * Math.exp(0.25) + 1e-9);
    });
  }
});
