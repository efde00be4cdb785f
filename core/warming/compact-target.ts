import type { FunctionTarget, TargetStep } from './function-target';

/**
 * The target in as few words as say the same until the next decisions: steps by whole seconds, each with the most of its
 * second, none after the horizon; what is repeated at the end of a list is left out.
 * @param horizon whole seconds, from 0
 */
export function compactTarget(target: FunctionTarget, horizon: number): FunctionTarget {
  const steps: TargetStep[] = [];
  let next = 0;
  let current: Pick<TargetStep, 'running' | 'frozen'> = { running: 0, frozen: 0 };
  const begun = (before: number): TargetStep | undefined => {
    const step = target.steps[next];
    if (!step || step.after >= before) return undefined;
    next++;
    return step;
  };
  for (let second = 0; second <= horizon; second++) {
    while (target.steps[next]?.after === second) current = begun(Infinity) ?? current;
    let most = current;
    for (let step = begun(second + 1); step; step = begun(second + 1)) {
      current = step;
      if (step.running + step.frozen > most.running + most.frozen) most = step;
    }
    const { running, frozen } = most;
    const last = steps.at(-1);
    if (last?.running !== running || last.frozen !== frozen) steps.push({ after: second, running, frozen });
  }
  return { ...target, steps, keepAlive: withoutRepeats(target.keepAlive), uses: withoutRepeats(target.uses) };
}

/** The last value counts for all further ones. */
function withoutRepeats(values: readonly number[]): number[] {
  let length = values.length;
  while (length > 1 && values[length - 1] === values[length - 2]) length--;
  return values.slice(0, length);
}
