import type { BudgetSpec, DegradeStep } from '../../core/budget/budget-spec';
import type { StepPlan } from '../../core/budget/ladder';
import type { EventRecord } from './traffic-records';

/** Who a budget belongs to: only that side changes it. */
export type BudgetOrigin = 'api' | 'kubernetes';

export interface BudgetRecord {
  readonly id: string;
  readonly tenant: string;
  /** Unique within the tenant. */
  readonly name: string;
  readonly spec: BudgetSpec;
  /** Rises with every change of the spec. */
  readonly generation: number;
  readonly origin: BudgetOrigin;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** How a budget stood when it was last decided about. Amounts are picodollars. */
export interface BudgetState {
  readonly budgetId: string;
  /** Of the spec that was decided by. */
  readonly generation: number;
  /** The period that was decided about; one that is over says nothing of the next. */
  readonly periodStart: Date;
  readonly periodEnd: Date;
  /** Those in force, the mildest first. */
  readonly steps: readonly DegradeStep[];
  /** All steps of the budget with what each saves, in force or not. */
  readonly plan: readonly StepPlan[];
  readonly spent: bigint;
  readonly spentByCritical: bigint;
  /** Of all that will be spent by the period's end, with the steps that are in force. */
  readonly forecast: bigint;
  /** Percents of the limit that were told of in that period, rising. */
  readonly alerted: readonly number[];
  readonly decidedAt: Date;
  /** When the steps last changed. */
  readonly changedAt: Date;
}

/** Of an alert to its webhook: `none` has no webhook. */
export type AlertDelivery = 'none' | 'waiting' | 'delivered' | 'failed';

export interface BudgetAlert {
  readonly budgetId: string;
  readonly periodStart: Date;
  readonly percent: number;
  readonly at: Date;
  readonly delivery: AlertDelivery;
  /** Times that it was sent. */
  readonly tries: number;
  /** Why the last of them failed. */
  readonly error: string | null;
  readonly settledAt: Date | null;
}

/** A function that a budget may count; one that is deleted counts with what it has spent. */
export interface BudgetFunction {
  readonly id: string;
  readonly name: string;
  readonly deleted: boolean;
}

/** Whose spend, and when: whole hours, the last of which may be under way. */
export interface SpendWindow {
  readonly tenant: string;
  /** Null: all of the tenant. */
  readonly functionIds: readonly string[] | null;
  readonly from: Date;
  readonly to: Date;
}

export interface ComponentSpend {
  readonly functionId: string;
  readonly component: string;
  /** In the unit that has a price. */
  readonly quantity: number;
  /** Picodollars. */
  readonly amount: bigint;
}

type NewEvent = Omit<EventRecord, 'id'>;

/** Figures that only grow, kept over restarts, by which metrics are made. */
export const BUDGET_FIGURES = [
  'decisions',
  'alerts',
  'degraded',
  'restored',
  'exhausted',
  'webhooksDelivered',
  'webhooksFailed',
] as const;
export type BudgetFigure = (typeof BUDGET_FIGURES)[number];

export interface BudgetStore {
  /**
   * An equal spec changes nothing. @param ifGeneration 0: it must not exist yet; absent: whatever is there
   * @throws PlatformError not_found when the tenant is unknown; conflict when it belongs to the other origin; precondition_failed
   */
  putBudget(input: {
    readonly tenant: string;
    readonly name: string;
    readonly spec: BudgetSpec;
    readonly origin: BudgetOrigin;
    readonly ifGeneration?: number | undefined;
  }): Promise<{ readonly budget: BudgetRecord; readonly changed: boolean }>;
  /** With its state and its alerts. @throws PlatformError conflict when it belongs to the other origin */
  deleteBudget(tenant: string, name: string, origin: BudgetOrigin): Promise<boolean>;
  findBudget(tenant: string, name: string): Promise<BudgetRecord | null>;
  /** By tenant and name. */
  budgets(query?: { readonly tenant?: string | undefined }): Promise<readonly BudgetRecord[]>;
  /** Of all budgets that were decided about. */
  budgetStates(query?: { readonly tenant?: string | undefined }): Promise<readonly BudgetState[]>;
  /**
   * Together with the events that tell of it, if the last decision is that of `ifDecidedAt` (null: none); false where somebody
   * else has decided meanwhile, or the budget is gone. Listeners of `budgets` are told where steps, period or generation differ.
   */
  setBudgetState(
    state: Omit<BudgetState, 'alerted'>,
    options: { readonly ifDecidedAt: Date | null; readonly events: readonly NewEvent[] },
  ): Promise<boolean>;
  /**
   * Notes alerts of a period with their events, each once, whoever asks and however often. Gives all that are this decision's:
   * one that is repeated, even with nothing to add, gets the same again.
   */
  raiseAlerts(input: {
    readonly budgetId: string;
    readonly periodStart: Date;
    readonly decisionId: string;
    readonly at: Date;
    readonly delivery: 'none' | 'waiting';
    readonly alerts: readonly { readonly percent: number; readonly event: NewEvent }[];
  }): Promise<readonly number[]>;
  /** How the sending of an alert ended; false where that is known already, or the budget is gone. */
  settleAlert(
    alert: Pick<BudgetAlert, 'budgetId' | 'periodStart' | 'percent' | 'tries' | 'error'> & {
      readonly delivery: 'delivered' | 'failed';
      readonly settledAt: Date;
    },
  ): Promise<boolean>;
  /** Newest first. */
  budgetAlerts(budgetId: string, limit: number): Promise<readonly BudgetAlert[]>;
  /** @param names null: all of the tenant. Names that nothing was ever called are left out */
  budgetFunctions(tenant: string, names: readonly string[] | null): Promise<readonly BudgetFunction[]>;

  /** What was posted, by whole hours of UTC, the oldest first; hours without any are left out. `from` inclusive, `to` exclusive. */
  spendByHour(query: SpendWindow): Promise<readonly { readonly hour: Date; readonly amount: bigint }[]>;
  /** The same by function and component, and since which minute the tenant has spent anything within it; null: nothing. */
  spendByComponent(
    query: SpendWindow,
  ): Promise<{ readonly since: Date | null; readonly spends: readonly ComponentSpend[] }>;

  addBudgetFigures(figures: Readonly<Partial<Record<BudgetFigure, number>>>): Promise<void>;
  budgetFigures(): Promise<Readonly<Record<BudgetFigure, number>>>;
}
