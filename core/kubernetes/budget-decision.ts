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

/** What a budget that is kept finds around it. */
export interface BudgetStanding {
  readonly steps: readonly DegradeStep[];
  /** Functions that it names and that are not there yet. */
  readonly unknownFunctions: readonly string[];
  /** Null: it tells nobody by webhook. */
  readonly webhook: { readonly secret: string; readonly found: boolean } | null;
  /** Tiers that the price table has no prices for. */
  readonly unpriced: readonly string[];
}

/** What is said of a budget that is kept. */
export function enforcedStatements({
  steps,
  unknownFunctions,
  webhook,
  unpriced,
}: BudgetStanding): readonly Statement[] {
  const waiting = unknownFunctions.length > 0 ? `; there is no function ${unknownFunctions.join(', ')} yet` : '';
  const inForce = steps.length > 0 ? `in force: ${steps.join(', ')}` : 'no step is in force';
  return [
    VALID,
    unpriced.length > 0
      ? statement(
          'Enforced',
          'False',
          'PricesMissing',
          `the price table has no prices for ${unpriced.join(', ')}: calls there cost nothing, and it does not see them; choose cost.preset, or give cost.prices in the configuration of the platform${waiting}`,
        )
      : statement('Enforced', 'True', 'Counts', `spend is counted against it, told of and held back${waiting}`),
    steps.includes('refuse')
      ? statement(
          'Exhausted',
          'True',
          'LimitReached',
          `nothing new is done until the period ends or the limit is raised; ${inForce}`,
        )
      : statement('Exhausted', 'False', steps.length > 0 ? 'Degraded' : 'WithinLimit', inForce),
    ...(webhook ? [webhookStatement(webhook)] : []),
  ];
}

function webhookStatement({ secret, found }: NonNullable<BudgetStanding['webhook']>): Statement {
  return found
    ? statement('WebhookReady', 'True', 'SecretFound', `alerts are signed with the secret ${secret}`)
    : statement(
        'WebhookReady',
        'False',
        'SecretMissing',
        `there is no secret ${secret}: its webhook is told of nothing until it is set, by presage secret set ${secret}`,
      );
}

/** What is said of an object whose name another budget of the tenant has. */
export function nameTakenStatements(message: string): readonly Statement[] {
  return [VALID, statement('Enforced', 'False', 'NameTaken', message)];
}
