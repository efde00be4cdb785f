import { performance } from 'node:perf_hooks';
import type { ArModel } from '../../../core/forecast/ar-model';
import { fitBestAr } from '../../../core/forecast/fit-ar';
import { Forecaster } from '../../../core/forecast/forecaster';
import { encodeFunctionModel, type FunctionModel } from '../../../core/forecast/function-model';
import type { NamedHistory } from '../../../core/forecast/history-codec';
import { partsOf } from '../../../core/forecast/holdout';
import { decodeNetwork, type NetworkModel } from '../../../core/forecast/network-model';
import { fitFunction } from '../../../core/forecast/training/fit-function';
import { EPOCHS } from '../../../core/forecast/training/train-epoch';
import { CtsaArimaFitter } from '../../../drivers/arima/ctsa/ctsa-arima-fitter';
import { runJob, type TrainingJob } from '../../../drivers/trainer/thread/training-job';
import { peakBytes } from './peak-bytes';

/** The steps of a retraining, in their order. */
export const TRAINING_STEPS = ['ARIMA', 'windows', 'network', 'calibration', 'validation'] as const;
export type TrainingStep = (typeof TRAINING_STEPS)[number];

/** What a retraining took. */
export interface TrainingCost {
  readonly functions: number;
  /** CPU seconds of all threads. */
  readonly seconds: Readonly<Record<TrainingStep, number>>;
  readonly wallSeconds: number;
  /** The most that the process held at once, in bytes. */
  readonly peakBytes: number;
  /** CPU seconds of one forecast of one function, as is made each minute. */
  readonly forecastSeconds: number;
}

/** Functions that a network is trained on at most, as in the workflow. */
export const SAMPLE = 200;
/** Functions and minutes over which forecasts are timed. */
const FORECAST_FUNCTIONS = 25;
const FORECAST_MINUTES = 20;

/** Retrains as the platform does, without the store and the network between its parts. */
export async function trainingCost(histories: readonly NamedHistory[]): Promise<TrainingCost> {
  const seconds: Record<string, number> = {};
  const timed = async <T>(step: TrainingStep, work: () => Promise<T> | T): Promise<T> => {
    const begun = process.cpuUsage();
    const result = await work();
    seconds[step] = secondsOf(process.cpuUsage(begun));
    return result;
  };
  const began = performance.now();
  const fitted = await timed('ARIMA', () => fit(histories));
  const stride = Math.max(1, Math.ceil(histories.length / SAMPLE));
  const sample = fitted.filter((_, index) => index % stride === 0);
  const set = 'bench';
  await timed('windows', () => done({ kind: 'prepare', set, functions: sample }));
  const state = await timed('network', async () => {
    let passed: Uint8Array | null = null;
    for (let pass = 0; pass < EPOCHS; pass++) {
      passed = (await done({ kind: 'train', set, state: passed, engine: 'own' })) as Uint8Array;
    }
    return passed as unknown as Uint8Array;
  });
  const network = (await timed('calibration', () => done({ kind: 'finish', state, functions: sample }))) as Uint8Array;
  const models = fitted.map(({ history, arima }) => modelOf(history, arima));
  await timed('validation', async () => {
    for (const [index, history] of histories.entries()) {
      const model = encodeFunctionModel(models[index] as FunctionModel);
      await done({ kind: 'validate', history, model, network });
    }
  });
  const wallSeconds = (performance.now() - began) / 1_000;
  return {
    functions: histories.length,
    seconds: seconds as Record<TrainingStep, number>,
    wallSeconds,
    peakBytes: peakBytes(),
    forecastSeconds: forecastSeconds(histories, models, decodeNetwork(network)),
  };
}

async function fit(histories: readonly NamedHistory[]): Promise<{ history: NamedHistory; arima: ArModel | null }[]> {
  const series = histories.map(({ counts }) => counts.slice(0, partsOf(counts.length).trained));
  const packaged = new CtsaArimaFitter();
  const others = await packaged.fit(series);
  await packaged.close();
  return histories.map((history, index) => {
    const candidates = [fitBestAr(series[index] ?? []), others[index] ?? null];
    const { arima } = fitFunction(history, partsOf(history.counts.length).trained, candidates, null);
    return { history, arima };
  });
}

async function done(job: TrainingJob): Promise<unknown> {
  const outcome = await runJob(job, () => undefined);
  if ('error' in outcome) throw new Error(outcome.error.message);
  return outcome.value;
}

function modelOf({ firstMinute, counts }: NamedHistory, arima: ArModel | null): FunctionModel {
  const window = { from: firstMinute, to: firstMinute + partsOf(counts.length).trained };
  return { format: 'presage-function/1', arima, network: null, window };
}

/** Of forecasts minute by minute, by forecasters that have learned from the day before. */
function forecastSeconds(
  histories: readonly NamedHistory[],
  models: readonly FunctionModel[],
  network: NetworkModel,
): number {
  const chosen = histories.slice(0, FORECAST_FUNCTIONS);
  const forecasters = chosen.map((history, index) => {
    const forecaster = new Forecaster(models[index] as FunctionModel, network);
    forecaster.learn(history, history.counts.length - FORECAST_MINUTES);
    return forecaster;
  });
  const begun = process.cpuUsage();
  for (let back = FORECAST_MINUTES; back > 0; back--) {
    chosen.forEach((history, index) => forecasters[index]?.forecast(history, history.counts.length - back));
  }
  return secondsOf(process.cpuUsage(begun)) / (chosen.length * FORECAST_MINUTES);
}

function secondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}
