import { decodeTraining } from '../../../../core/forecast/training/training-codec';
import type { EngineName } from '../../../../core/forecast/training/training-engine';
import { ThreadTrainer } from '../../../../drivers/trainer/thread/thread-trainer';
import type { TrainedFunction } from '../../../../drivers/trainer/trainer';

const COUNTS = Float64Array.from({ length: 2_000 }, (_, minute) => (minute % 7 === 0 ? 5 : minute % 3));
const HISTORY = { functionId: 'f', tenant: 't', function: 'f', counts: COUNTS, firstMinute: 29_000_000 };
const FUNCTIONS: readonly TrainedFunction[] = [{ history: HISTORY, arima: null }];

const trained = async (...engines: EngineName[]): Promise<{ state: Uint8Array; lines: string[] }> => {
  const lines: string[] = [];
  let state: Uint8Array | null = null;
  for (const engine of engines) {
    const trainer = new ThreadTrainer(engine, (line) => lines.push(line));
    state = await trainer.train({ set: 'a', state, functions: () => Promise.resolve(FUNCTIONS) });
    await trainer.close();
  }
  return { state: state as Uint8Array, lines };
};

test('trains with the engine that is wanted and says so; another can go on from there', async () => {
  const own = await trained('own', 'own');
  const mixed = await trained('tfjs', 'own');
  expect(own.lines).toEqual(Array.from({ length: 2 }, () => 'Forecasts are trained by our own network'));
  expect(mixed.lines[0]).toContain('TensorFlow.js');
  const [one, other] = [decodeTraining(own.state), decodeTraining(mixed.state)];
  expect(other.epochs).toBe(2);
  expect((other.loss as number) / (one.loss as number)).toBeCloseTo(1, 3);
  expect(other.parameters).not.toEqual(one.parameters);
});

test('the same again gives the same bytes', async () => {
  expect((await trained('own')).state).toEqual((await trained('own')).state);
});
