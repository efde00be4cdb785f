import type { DeploymentView } from '../../lib/answers';

/** A phase of a deployment as it was seen. */
export interface SeenStep {
  readonly step: string;
  /** When it was first seen, Unix milliseconds. */
  readonly at: number;
}
export interface ShownStep {
  readonly step: string;
  readonly state: 'done' | 'running' | 'failed';
  /** How long it took, or has taken; milliseconds. */
  readonly ms: number;
}

/** The steps seen so far with what a deployment says now. The word for its end is no step. */
export function withStep(seen: readonly SeenStep[], { step, state }: DeploymentView, now: number): readonly SeenStep[] {
  if (state !== 'running' || step === '' || seen.at(-1)?.step === step) return seen;
  return [...seen, { step, at: now }];
}

/** Each with its length; the last is as far as the deployment is. */
export function shownSteps(
  seen: readonly SeenStep[],
  { state, endedAt }: Pick<DeploymentView, 'state' | 'endedAt'>,
  now: number,
): ShownStep[] {
  const end = endedAt === null ? now : Date.parse(endedAt);
  return seen.map(({ step, at }, index) => {
    const next = seen[index + 1];
    const last = next === undefined;
    return {
      step,
      state: !last || state === 'succeeded' ? 'done' : state,
      ms: Math.max(0, (next?.at ?? end) - at),
    };
  });
}
