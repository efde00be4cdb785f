import { figure, type Figure } from '../../harness/report';
import { markdownTable } from '../../harness/markdown-table';
import { fixed } from '../report/score-table';
import { SAMPLE, TRAINING_STEPS, type TrainingCost } from './training-cost';

const MIB = 2 ** 20;
const MOST_SECONDS = 60;
const MOST_MIB = 1_024;
/** The installation that two cores are to carry, retraining every hour. */
const MANY = 10_000;
const CORES = 2;
const HOUR_SECONDS = 3_600;
const HOUR_MINUTES = 60;

/** What the costs of the smallest and the largest set mean for very many functions; CPU seconds of an hour. */
interface Hour {
  readonly training: number;
  readonly forecasts: number;
  /** Of all that two cores have. */
  readonly share: number;
}

/** @param costs by rising number of functions; the bars are for the first */
export function trainingFigures(costs: readonly [TrainingCost, ...TrainingCost[]]): Figure[] {
  const [first] = costs;
  const last = costs.at(-1) as TrainingCost;
  return [
    ...costs.map(
      (cost) =>
      figure(`forecast.training.${cost.functions}.cpu`, 's', totalOf(cost), 1, cost === first ? { atMost: MOST_SECONDS } : undefined), // prettier-ignore
    ),
    ...costs.map(
      (cost) =>
      figure(`forecast.training.${cost.functions}.memory`, 'MiB', cost.peakBytes / MIB, 1, cost === first ? { atMost: MOST_MIB } : undefined), // prettier-ignore
    ),
    figure('forecast.training.growth-to-linear', 'ratio', growthOf(first, last), 1, { atMost: 1 }),
    figure('forecast.training.forecast', 'ms', 1_000 * last.forecastSeconds, 1),
    figure(`forecast.training.${MANY}.share-of-${CORES}-cores`, 'ratio', hourOf(last).share, 1, { atMost: 1 }),
  ];
}

/** @param costs by rising number of functions @param traced functions of the trace @param minutes of each one's past */
export function trainingSection(
  costs: readonly [TrainingCost, ...TrainingCost[]],
  traced: number,
  minutes: number,
): string[] {
  const [first] = costs;
  const last = costs.at(-1) as TrainingCost;
  const { training, forecasts, share } = hourOf(last);
  const head = ['functions', ...TRAINING_STEPS, 'all, CPU s', 's on the clock', 'MiB at most', 'ms a forecast'];
  const rows = costs.map((cost) => [
    String(cost.functions),
    ...TRAINING_STEPS.map((step) => fixed(cost.seconds[step], 1)),
    fixed(totalOf(cost), 1),
    fixed(cost.wallSeconds, 1),
    fixed(cost.peakBytes / MIB, 0),
    fixed(1_000 * cost.forecastSeconds, 2),
  ]);
  return [
    '## What training takes',
    '',
    `The ${traced} functions of the headline with their last ${minutes} minutes; sets of more repeat them from earlier minutes. Each set is retrained once by the platform's own steps in a process of its own, without store and workflow. CPU is that of all threads.`,
    '',
    ...markdownTable(head, rows),
    '',
    `ARIMA and validation are for each function. Windows, network and calibration stop growing at ${SAMPLE} functions, from which the network learns at most. From ${first.functions} to ${last.functions} functions the whole grows by ${fixed(totalOf(last) / totalOf(first), 1)}, the functions by ${fixed(last.functions / first.functions, 0)}.`,
    '',
    `${MANY} functions, reckoned from the last row: a retraining every hour takes ${fixed(training, 0)} CPU s, forecasts of all in each minute ${fixed(forecasts, 0)} CPU s an hour, together ${fixed(100 * share, 0)} % of ${CORES} cores. Writing to the store is not in it.`,
    '',
  ];
}

function totalOf({ seconds }: TrainingCost): number {
  return TRAINING_STEPS.reduce((sum, step) => sum + seconds[step], 0);
}

/** At 1 the time grows as the number of functions does. */
function growthOf(first: TrainingCost, last: TrainingCost): number {
  return totalOf(last) / totalOf(first) / (last.functions / first.functions);
}

function hourOf({ functions, seconds, forecastSeconds }: TrainingCost): Hour {
  const forAll = seconds.windows + seconds.network + seconds.calibration;
  const training = forAll + ((seconds.ARIMA + seconds.validation) / functions) * MANY;
  const forecasts = forecastSeconds * MANY * HOUR_MINUTES;
  return { training, forecasts, share: (training + forecasts) / (CORES * HOUR_SECONDS) };
}
