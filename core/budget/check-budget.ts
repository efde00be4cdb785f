import type { Problem } from '../error/platform-error';
import { problemsOf } from '../function/manifest';
import { budgetSpecSchema, type BudgetSpec } from './budget-spec';

/** What a budget is held against. */
export interface BudgetSurroundings {
  /** Names of the tenant's functions. */
  readonly functions: ReadonlySet<string>;
  /** Names of its secrets. */
  readonly secrets: ReadonlySet<string>;
  /** Tiers that the price table has no prices for. */
  readonly unpriced: readonly string[];
}

export type CheckedBudget =
  | { readonly spec: BudgetSpec; readonly problems: readonly [] }
  | { readonly spec: null; readonly problems: readonly Problem[] };

/** A budget as it was written, checked and completed; or all that is wrong with it, and with what it names, at once. */
export function checkBudget(value: unknown, { functions, secrets, unpriced }: BudgetSurroundings): CheckedBudget {
  const result = budgetSpecSchema.safeParse(value);
  const problems: Problem[] = result.success ? [] : problemsOf(result.error);
  const told = (path: string): boolean => problems.some((problem) => problem.path === path);
  for (const [index, name] of Object.entries(fieldsOf(fieldsOf(value)['functions']))) {
    const path = `functions.${index}`;
    if (typeof name !== 'string' || functions.has(name) || told(path)) continue;
    problems.push({ path, message: `there is no function ${name}`, hint: 'deploy it first' });
  }
  const { secret } = fieldsOf(fieldsOf(value)['webhook']);
  if (typeof secret === 'string' && !secrets.has(secret) && !told('webhook.secret')) {
    const hint = `set it first: presage secret set ${secret}`;
    problems.push({ path: 'webhook.secret', message: `there is no secret ${secret}`, hint });
  }
  if (unpriced.length > 0) {
    problems.push({
      path: 'limit',
      message: `the price table has no prices for ${unpriced.join(', ')}: calls there cost nothing, and no budget would see them`,
      hint: 'choose cost.preset, or give cost.prices in the configuration of the platform',
    });
  }
  return result.success && problems.length === 0 ? { spec: result.data, problems: [] } : { spec: null, problems };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
