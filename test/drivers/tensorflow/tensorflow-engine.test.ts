import { OWN_ENGINE, type TrainingBatch, type TrainingEngine } from '../../../core/forecast/training/training-engine';
import { seededRandom } from '../../../core/random/seeded-random';
import { startTraining, trainEpoch, type TrainingState } from '../../../core/forecast/training/train-epoch';
import { loadTensorflow, type Tensorflow } from '../../../drivers/tensorflow/load-tensorflow';
import { tensorflowEngine } from '../../../drivers/tensorflow/tensorflow-engine';
import { randomSet } from '../../core/forecast/training/random-set';

let tf: Tensorflow;
let engine: TrainingEngine;

beforeAll(async () => {
  tf = await loadTensorflow(() => undefined);
  engine = tensorflowEngine(tf);
});

const farthest = (one: Float64Array, other: Float64Array): number =>
  one.reduce((most, value, i) => Math.max(most, Math.abs(value - (other[i] as number))), 0);
const largest = (values: Float64Array): number => farthest(values, new Float64Array(values.length));

test('both engines say the same of a batch, and find the same slopes: ours by hand, the other by itself', () => {
  const { shape } = randomSet(0, 1);
  const random = seededRandom(7);
  const some = (length: number): Float64Array => Float64Array.from({ length }, () => 2 * random() - 1);
  const batch: TrainingBatch = {
    input: {
      sequence: some(shape.steps * 5 * shape.inputs),
      context: some(5 * shape.horizon * shape.context),
      experts: some(5 * shape.horizon * shape.experts).map(Math.abs),
    },
    actual: some(5 * shape.horizon).map(Math.abs),
    weight: some(5).map(Math.abs),
  };
  const parameters = startTraining(shape, 3).parameters.map((value) => value + 0.1 * (random() - 0.5));
  const results = [OWN_ENGINE, engine].map((each) => {
    const pass = each.batchPass(shape, 5);
    const gradient = new Float64Array(parameters.length);
    const said = pass.forward(parameters, batch.input);
    return { said, loss: pass.learn(parameters, batch, gradient), gradient };
  });
  const [own, other] = results as [(typeof results)[0], (typeof results)[0]];
  expect(farthest(own.said, other.said)).toBeLessThan(1e-4);
  expect(other.loss).toBeCloseTo(own.loss, 6);
  expect(farthest(own.gradient, other.gradient)).toBeLessThan(1e-4 * largest(own.gradient));
});

test('one pass from the same state ends near the same, and a training goes from one engine to the other', () => {
  const set = randomSet(640, 4);
  const trained = (...engines: TrainingEngine[]): TrainingState =>
    engines.reduce((state, each) => trainEpoch(state, set, each), startTraining(set.shape, 1));
  const [own, other] = [trained(OWN_ENGINE, OWN_ENGINE), trained(engine, OWN_ENGINE)];
  expect((other.loss as number) / (own.loss as number)).toBeCloseTo(1, 3);
  expect(farthest(own.parameters, other.parameters)).toBeLessThan(5e-3);
});

test('a pass leaves no tensors behind', () => {
  const set = randomSet(64, 5);
  const start = startTraining(set.shape, 1);
  trainEpoch(start, set, engine);
  const before = tf.memory().numTensors;
  trainEpoch(start, set, engine);
  expect(tf.memory().numTensors).toBe(before);
});
