import { ARIMA, LSTM } from '../../core/forecast/expert-pool';
import { Forecaster } from '../../core/forecast/forecaster';
import type { Forecast } from '../../core/forecast/forecast';
import type { BenchModel, StepForecast, Training } from './bench-model';
import { historyOf, trainHybrid, type HybridParts, type TrainedHybrid } from './train-hybrid';

const WHOLE: HybridParts = { arima: true, network: true, features: true };
/** The seed's fixed weights. */
const SEED_WEIGHTS = { [ARIMA]: 0.3, [LSTM]: 0.7 };

/** Trainings of one run: rows that look at the same model do not train it twice. */
const trainings = new Map<string, TrainedHybrid>();

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
  return {
    name,
    prepare: (training) => {
      const { models, network } = trained(training, parts);
      forecasters = models.map((model) => new Forecaster(model, network));
      // Whom to believe is learned from the last day in front of the test part.
      forecasters.forEach((forecaster, index) => {
        const { counts } = training.functions[index] as Training['functions'][number];
        forecaster.learn(historyOf(counts), counts.length);
      });
    },
    forecast: (known, origin) =>
      forecasters.map((forecaster, index) => answer(forecaster.forecast(historyOf(known[index] ?? []), origin))),
  };
}

function trained(training: Training, parts: HybridParts): TrainedHybrid {
  const key = JSON.stringify([parts, training.functions.map(({ id, counts }) => [id, counts.length])]);
  const known = trainings.get(key) ?? trainHybrid(training, parts);
  trainings.set(key, known);
  return known;
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
