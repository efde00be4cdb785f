import { createHash } from 'node:crypto';
import { ARIMA, LSTM } from '../../core/forecast/expert-pool';
import { Forecaster } from '../../core/forecast/forecaster';
import type { Forecast } from '../../core/forecast/forecast';
import type { BenchModel, StepForecast, Training } from './bench-model';
import { historyOf, trainHybrid, type HybridParts, type TrainedHybrid } from './train-hybrid';
import type { TracedFunction } from '../traces/trace-set';

const WHOLE: HybridParts = { arima: true, network: true, features: true };
/** The seed's fixed weights. */
const SEED_WEIGHTS = { [ARIMA]: 0.3, [LSTM]: 0.7 };

interface Trained {
  readonly hybrid: TrainedHybrid;
  readonly cpuMs: number;
}

/** Trainings of one run: rows that look at the same model do not train it twice. */
const trainings = new Map<string, Trained>();

/** The platform's forecaster. @param without parts that it is to do without */
export function hybridModel(name: string, without: Partial<HybridParts> = {}): BenchModel {
  return forecasterModel(name, { ...WHOLE, ...without }, asStepForecast);
}

/** The network alone, trained as for the hybrid. */
export function lstmModel(name: string): BenchModel {
  return forecasterModel(name, WHOLE, (forecast) => ({ point: shareOf(forecast, LSTM) }));
}

/** The autoregression alone, as the hybrid has it. */
export function arimaModel(name: string): BenchModel {
  return forecasterModel(name, { ...WHOLE, network: false }, (forecast) => ({ point: shareOf(forecast, ARIMA) }));
}

/** The seed's mixture: 0.3 ARIMA + 0.7 LSTM, whatever comes. */
export function fixedMixModel(name: string): BenchModel {
  return forecasterModel(name, WHOLE, (forecast) => {
    const [arima, lstm] = [shareOf(forecast, ARIMA), shareOf(forecast, LSTM)];
    const point = arima.map((value, step) => SEED_WEIGHTS[ARIMA] * value + SEED_WEIGHTS[LSTM] * (lstm[step] as number));
    return { point };
  });
}

function forecasterModel(name: string, parts: HybridParts, answer: (forecast: Forecast) => StepForecast): BenchModel {
  let forecasters: Forecaster[] = [];
  let functions: Training['functions'] = [];
  let borrowed = 0;
  return {
    name,
    prepare: (training) => {
      const key = keyOf(training, parts);
      const known = trainings.get(key);
      const { hybrid, cpuMs } = known ?? train(training, parts);
      trainings.set(key, { hybrid, cpuMs });
      borrowed = known ? cpuMs : 0;
      functions = training.functions;
      forecasters = hybrid.models.map((model) => new Forecaster(model, hybrid.network));
      // Whom to believe is learned from the last day in front of the test part.
      forecasters.forEach((forecaster, index) => {
        const item = functions[index] as TracedFunction;
        forecaster.learn(historyOf(item, item.counts), item.counts.length);
      });
    },
    forecast: (known, origin) =>
      forecasters.map((forecaster, index) =>
        answer(forecaster.forecast(historyOf(functions[index] as TracedFunction, known[index] ?? []), origin)),
      ),
    borrowedCpuMs: () => borrowed,
  };
}

function train(training: Training, parts: HybridParts): Trained {
  const begun = process.cpuUsage();
  const hybrid = trainHybrid(training, parts);
  const { user, system } = process.cpuUsage(begun);
  return { hybrid, cpuMs: (user + system) / 1000 };
}

function keyOf({ functions }: Training, parts: HybridParts): string {
  const hash = createHash('sha256').update(JSON.stringify(parts));
  for (const { id, firstMinute, counts } of functions) {
    hash.update(JSON.stringify([id, firstMinute, counts.length]));
    hash.update(new Uint8Array(counts.buffer, counts.byteOffset, counts.byteLength));
  }
  return hash.digest('hex');
}

function asStepForecast(forecast: Forecast): StepForecast {
  const weights = Object.fromEntries(forecast.members.map(({ name, weight }) => [name, weight]));
  const { median: point, mean, quantiles, alarms, total } = forecast;
  return { point, mean, quantiles, alarms, total: total.point, weights };
}

/** What a member says; where there is none, what the hybrid says: nothing could be fitted. */
function shareOf({ members, mean }: Forecast, name: string): readonly number[] {
  return members.find((member) => member.name === name)?.forecast ?? mean;
}
