/** Which policy decides, and which others are watched. Names as `policyOf` takes them. */
export interface PolicyTrial {
  readonly live: string;
  /** Runs in shadow: replaces `live` once it wins a window. */
  readonly challenger: string | null;
  /** What `live` replaced; runs in shadow and comes back if a window goes against `live`, while `probation` lasts. */
  readonly previous: string | null;
  /** Windows that `live` still has to stand. */
  readonly probation: number;
  /** Policies that a window went against while they were live; they win no more by themselves. */
  readonly reverted: readonly string[];
}

/** What one policy cost in a window, by the court. */
export interface WindowPrice {
  readonly policy: string;
  readonly calls: number;
  /** Of what was held and of what callers waited, in one unit. */
  readonly price: number;
}

export interface TrialVerdict {
  readonly decision: 'keep' | 'promote' | 'revert';
  /** For people: with the prices it rests on. */
  readonly reason: string;
  readonly next: PolicyTrial;
}

/** A window with fewer calls says nothing. */
export const FEWEST_CALLS = 20;
/** Share of the price by which one policy must beat another: less is noise. */
export const MARGIN = 0.02;
/** Windows after a change in which the policy before is still watched. */
export const PROBATION_WINDOWS = 24;

/** Before anything was chosen. */
export function initialTrial(live: string): PolicyTrial {
  return { live, challenger: null, previous: null, probation: 0, reverted: [] };
}

/** Puts another policy in force at once; the one before is watched on, and comes back if a window goes against the new one. */
export function putLive(trial: PolicyTrial, policy: string): PolicyTrial {
  if (policy === trial.live) return { ...trial, previous: null, probation: 0 };
  return {
    live: policy,
    challenger: trial.challenger === policy ? null : trial.challenger,
    previous: trial.live,
    probation: PROBATION_WINDOWS,
    reverted: trial.reverted.filter((name) => name !== policy),
  };
}

/** Lets a policy run in shadow from the next window on; null: none. One that was reverted gets another chance. */
export function challenge(trial: PolicyTrial, challenger: string | null): PolicyTrial {
  return {
    ...trial,
    challenger: challenger === trial.live ? null : challenger,
    reverted: trial.reverted.filter((name) => name !== challenger),
  };
}

/** The policies that a window is to be replayed under, the live one first. */
export function policiesOnTrial({ live, challenger, previous }: PolicyTrial): string[] {
  return [...new Set([live, challenger, previous].filter((policy) => policy !== null))];
}

/**
 * Judges a window: the live policy goes back to the one before where that had been cheaper, and gives way to a challenger that
 * had been. A policy whose price is missing neither wins nor loses.
 */
export function judgeWindow(trial: PolicyTrial, prices: readonly WindowPrice[]): TrialVerdict {
  const of = (policy: string | null): WindowPrice | undefined => prices.find((price) => price.policy === policy);
  const live = of(trial.live);
  const keep = (reason: string, next: PolicyTrial = trial): TrialVerdict => ({ decision: 'keep', reason, next });
  if (!live) return keep(`${trial.live} was not replayed`);
  if (live.calls < FEWEST_CALLS) return keep(`${live.calls} calls say nothing; ${FEWEST_CALLS} are the fewest`);

  const previous = of(trial.previous);
  if (trial.previous !== null && previous && beats(previous, live)) {
    const reverted = [...trial.reverted.filter((name) => name !== trial.live), trial.live];
    return {
      decision: 'revert',
      reason: `${compared(previous, live)}: the policy before comes back`,
      next: { live: trial.previous, challenger: trial.challenger, previous: null, probation: 0, reverted },
    };
  }
  const challenger = of(trial.challenger);
  if (trial.challenger !== null && challenger && beats(challenger, live)) {
    const why = compared(challenger, live);
    if (trial.reverted.includes(trial.challenger)) {
      return keep(`${why}, but it was reverted before: put it live by hand to try again`, stood(trial));
    }
    return { decision: 'promote', reason: `${why}: it takes over`, next: putLive(trial, trial.challenger) };
  }
  const rival = challenger ?? previous;
  return keep(rival ? `${compared(live, rival)}: it stays` : `${trial.live} has no rival`, stood(trial));
}

function stood(trial: PolicyTrial): PolicyTrial {
  if (trial.previous === null) return trial;
  const probation = trial.probation - 1;
  return probation > 0 ? { ...trial, probation } : { ...trial, previous: null, probation: 0 };
}

function beats(one: WindowPrice, other: WindowPrice): boolean {
  return one.price < other.price * (1 - MARGIN);
}

function compared(one: WindowPrice, other: WindowPrice): string {
  return `${one.policy} had cost ${shown(one.price)}, ${other.policy} ${shown(other.price)}`;
}

function shown(price: number): string {
  return price === 0 ? '0' : price.toPrecision(4);
}
