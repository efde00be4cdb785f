import type { Member } from '../../core/forecast/member';
import { bestPeriod, seasonalMedian } from '../../core/forecast/simple-members';
import type { BenchModel } from './bench-model';

/** A member that needs nothing but the counts. */
export function memberModel(name: string, member: Member): BenchModel {
  return perFunctionModel(name, () => member);
}

/** The median of the last three periods, the period chosen for each function before the test part. */
export function bestLagModel(name: string): BenchModel {
  return perFunctionModel(name, (counts) => seasonalMedian(bestPeriod(counts, counts.length)));
}

/** A member for each function. @param choose makes it from the counts before the test part */
function perFunctionModel(name: string, choose: (counts: Float64Array) => Member): BenchModel {
  let members: Member[] = [];
  let steps = 0;
  return {
    name,
    prepare: (training) => {
      members = training.functions.map(({ counts }) => choose(counts));
      steps = training.steps;
    },
    forecast: (known, origin) =>
      members.map((member, index) => ({ point: member.forecast(known[index] ?? [], origin, steps) })),
  };
}
