import type { StepPlan } from './ladder';

/** A step as JSON: amounts are text, which no reader rounds. */
export interface StepPlanJson extends Omit<StepPlan, 'perHour' | 'toEnd'> {
  readonly perHour: string;
  readonly toEnd: string;
}

export function stepPlanToJson({ perHour, toEnd, ...plan }: StepPlan): StepPlanJson {
  return { ...plan, perHour: perHour.toString(), toEnd: toEnd.toString() };
}

/** @throws SyntaxError for what `stepPlanToJson` did not write */
export function stepPlanFromJson({ perHour, toEnd, ...plan }: StepPlanJson): StepPlan {
  return { ...plan, perHour: BigInt(perHour), toEnd: BigInt(toEnd) };
}
