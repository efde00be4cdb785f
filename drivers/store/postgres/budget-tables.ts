import type { ColumnType, Generated } from 'kysely';
import type { BudgetSpec, DegradeStep } from '../../../core/budget/budget-spec';
import type { StepPlanJson } from '../../../core/budget/step-plan-json';
import type { AlertDelivery, BudgetOrigin } from '../budget-store';

/** Picodollars: `numeric` comes as text. */
type Money = ColumnType<string, string, string>;

/** Tables of budgets, with columns in camelCase. */
export interface BudgetTables {
  budgets: {
    id: Generated<string>;
    tenant: string;
    name: string;
    spec: ColumnType<BudgetSpec, string, string>;
    generation: Generated<number>;
    origin: BudgetOrigin;
    createdAt: ColumnType<Date, never, never>;
    updatedAt: Generated<Date>;
  };
  budgetStates: {
    budgetId: string;
    generation: number;
    periodStart: Date;
    periodEnd: Date;
    steps: DegradeStep[];
    plan: ColumnType<readonly StepPlanJson[], string, string>;
    spent: Money;
    spentByCritical: Money;
    forecast: Money;
    decidedAt: Date;
    changedAt: Date;
  };
  budgetAlerts: {
    budgetId: string;
    periodStart: Date;
    percent: number;
    decisionId: string;
    at: Date;
    delivery: AlertDelivery;
    tries: Generated<number>;
    error: ColumnType<string | null, never, string | null>;
    settledAt: ColumnType<Date | null, never, Date>;
  };
  budgetFigures: { name: string; value: number };
}
