import type { BenchResult } from '../../bench';
import type { TracedFunction } from '../../traces/trace-set';
import { measureTrainingCost } from './measure-training-cost';
import { repeatedFunctions } from './repeated-functions';
import { trainingFigures, trainingSection } from './training-cost-report';

/** Two days, from which the platform trains. */
const MINUTES = 2_880;
const QUICK_COUNTS = [200];
const COUNTS = [...QUICK_COUNTS, 1_000];

/** What retraining 50 functions takes, and how that grows with more. @param functions those of the headline */
export async function trainingCosts(
  functions: readonly TracedFunction[],
  quick: boolean,
  log: (text: string) => void,
): Promise<BenchResult> {
  const measure = (count: number) => {
    log(`Training ${count} functions, to see what that takes`);
    return measureTrainingCost(repeatedFunctions(functions, count, MINUTES));
  };
  const first = await measure(50);
  const others = [];
  for (const count of quick ? QUICK_COUNTS : COUNTS) others.push(await measure(count));
  const minutes = Math.min(MINUTES, functions[0]?.counts.length ?? 0);
  return {
    figures: trainingFigures([first, ...others]),
    sections: trainingSection([first, ...others], functions.length, minutes),
  };
}
