import type { Forecast } from '../../../core/forecast/forecast';
import { greedyDual } from '../../../core/warming/policies/greedy-dual';
import { generatedSource } from '../patterns/generate-counts';
import { ScoreSum } from '../scores/policy-score';
import { playCapacity } from '../slots/play-capacity';
import { playSlots, type Expectation } from '../slots/play-slots';
import type { SlotFunction } from '../slots/slot-function';
import { slotFunctions } from '../slots/slot-functions';
import type { SlotOutcome } from '../slots/slot-outcome';
import { policyFrom, pricedBy, type JobScores, type Play, type PlayJob } from './play-job';

const LOOK_BACK = 10;

/** Plays a job. @throws RangeError where it names a set that there is not */
export function playJobScores(job: PlayJob, sets: ReadonlyMap<string, readonly SlotFunction[]>): JobScores {
  const { functions, plays, scored } = job;
  const sums = plays.map(() => scored.map(() => new ScoreSum()));
  const add = (play: number, outcomes: readonly SlotOutcome[]): void =>
    outcomes.forEach((outcome, stretch) => sums[play]?.[stretch]?.add(outcome));
  if ('generated' in functions) {
    // One after the other: all at once would be gigabytes.
    for (const generated of functions.generated) {
      const made = slotFunctions([generatedSource(generated)], generated.seed);
      plays.forEach((play, index) => playOver(made, play, job, (outcomes) => add(index, outcomes)));
    }
  } else {
    const set = sets.get(functions.set);
    if (!set) throw new RangeError(`There is no set "${functions.set}"`);
    const chosen = set.filter((_, index) => index % (functions.every ?? 1) === 0);
    plays.forEach((play, index) => playOver(chosen, play, job, (outcomes) => add(index, outcomes)));
  }
  return sums.map((each) => each.map((sum) => sum.score()));
}

function playOver(
  functions: readonly SlotFunction[],
  { policy: spec, pricing, expect }: Play,
  { scored }: PlayJob,
  add: (outcomes: readonly SlotOutcome[]) => void,
): void {
  if (spec.kind === 'greedy-dual') {
    const ranking = greedyDual.ranking?.();
    if (!ranking) return;
    const first = (fn: SlotFunction): ReturnType<typeof pricedBy>['first'] => pricedBy(fn, pricing).first;
    const played = playCapacity(functions, ranking, first, scored, spec.capacityGb);
    functions.forEach((_, index) => add(played.map((stretch) => stretch[index] as SlotOutcome)));
    return;
  }
  const policy = policyFrom(spec, functions);
  const expectation = expect ? EXPECTATIONS[expect] : null;
  for (const fn of functions) add(playSlots(fn, policy, pricedBy(fn, pricing), scored, expectation));
}

const EXPECTATIONS: Readonly<Record<NonNullable<Play['expect']>, Expectation>> = {
  'last-ten': ({ counts }, minute) => {
    const from = Math.max(0, minute - LOOK_BACK);
    let sum = 0;
    for (let each = from; each < minute; each++) sum += counts[each] as number;
    return certain(sum / Math.max(1, minute - from));
  },
  itself: ({ counts }, minute) => certain(counts[minute] as number),
};

/** A forecast of one minute without doubt. */
function certain(calls: number): Pick<Forecast, 'mean' | 'quantiles'> {
  return { mean: [calls], quantiles: [] };
}
