import { ExpertMixture } from '../../core/forecast/expert-mixture';
import type { Counts, Member } from '../../core/forecast/member';
import type { BenchModel, StepForecast } from './bench-model';

/** One function's mixture, and what its experts said last. */
interface Mixing {
  readonly mixture: ExpertMixture;
  readonly experts: readonly Member[];
  last: { readonly origin: number; readonly forecasts: readonly Counts[] } | null;
}

/** Experts weighed for each function by how right they were. @param experts of one function, from its counts before the test part */
export function mixtureModel(name: string, experts: (counts: Float64Array) => readonly Member[]): BenchModel {
  let mixings: Mixing[] = [];
  let steps = 0;
  return {
    name,
    prepare: (training) => {
      steps = training.steps;
      mixings = training.functions.map(({ counts }) => {
        const members = experts(counts);
        return { experts: members, mixture: new ExpertMixture(members.length), last: null };
      });
    },
    forecast: (known, origin) => mixings.map((mixing, index) => mixed(mixing, known[index] ?? [], origin, steps)),
  };
}

function mixed(mixing: Mixing, known: Counts, origin: number, steps: number): StepForecast {
  const { mixture, experts, last } = mixing;
  if (last) {
    const came = Float64Array.from({ length: steps }, (_, step) => known[last.origin + step] as number);
    mixture.learn(came, last.forecasts);
  }
  const forecasts = experts.map((expert) => expert.forecast(known, origin, steps));
  mixing.last = { origin, forecasts };
  const weights = mixture.weights();
  // Two experts may be of one name: the best period is sometimes one of the others.
  const shares: Record<string, number> = {};
  experts.forEach(({ name }, index) => (shares[name] = (shares[name] ?? 0) + (weights[index] as number)));
  return { point: mixture.mix(forecasts), weights: shares };
}
