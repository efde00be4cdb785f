import { budgetSpecSchema, type BudgetSpec, type DegradeStep } from '../budget/budget-spec';
import { problemsOf } from '../function/manifest';
import type { Statement } from './condition';
import type { DeclaredObject } from './declared-object';
import { refusedPolicy, statement, VALID } from './policy-decision';

/** A Budget object with what it declares, or with what is to be said against it. */
export type ReadBudget =
  | { readonly object: DeclaredObject; readonly spec: BudgetSpec }
  | { readonly object: DeclaredObject; readonly spec: null; readonly refused: (kept: boolean) => readonly Statement[] };

/** What a Budget object declares. The tenant is its namespace. */
export function readBudget(object: DeclaredObject): ReadBudget {
  const result = budgetSpecSchema.safeParse(object.spec ?? {});
  if (result.success) return { object, spec: result.data };
  const problems = problemsOf(result.error);
  return {
    object,
    spec: null,
    refused: (kept) => {
      const [accepted, enforced] = refusedPolicy('Enforced', problems) as [Statement, Statement];
      return kept
        ? [accepted, statement('Enforced', 'True', 'EarlierSpec', 'what it declared before stays in force')]
        : [accepted, enforced];
    },
  };
}

/** What is said of a budget that counts. */
export function enforcedStatements(
  steps: readonly DegradeStep[],
  unknownFunctions: readonly string[],
): readonly Statement[] {
  const waiting = unknownFunctions.length > 0 ? `; there is no function ${unknownFunctions.join(', ')} yet` : '';
  const inForce = steps.length > 0 ? `in force: ${steps.join(', ')}` : 'no step is in force';
  return [
    VALID,
    statement('Enforced', 'True', 'Counts', `spend is counted against it, told of and held back${waiting}`),
    steps.includes('refuse')
      ? statement(
          'Exhausted',
          'True',
          'LimitReached',
          `nothing new is done until the period ends or the limit is raised; ${inForce}`,
        )
      : statement('Exhausted', 'False', steps.length > 0 ? 'Degraded' : 'WithinLimit', inForce),
  ];
}

/** What is said of an object whose name another budget of the tenant has. */
export function nameTakenStatements(message: string): readonly Statement[] {
  return [VALID, statement('Enforced', 'False', 'NameTaken', message)];
}
