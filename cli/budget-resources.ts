import type { BudgetSpec, BudgetSpecInput, DegradeStep } from '../core/budget/budget-spec';

/** What the commands read of the API's answers about budgets; amounts are dollars as decimal text. */

export interface BudgetResource {
  readonly name: string;
  readonly spec: BudgetSpec;
  readonly generation: number;
  readonly origin: 'api' | 'kubernetes';
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly spent: string;
  readonly percent: number;
  readonly forecast: string | null;
  readonly steps: readonly DegradeStep[];
  readonly alerted: readonly number[];
  readonly decidedAt: string | null;
}

export interface BudgetAlertResource {
  readonly periodStart: string;
  readonly percent: number;
  readonly at: string;
  readonly delivery: 'none' | 'waiting' | 'delivered' | 'failed';
  readonly tries: number;
  readonly error: string | null;
}

export interface BudgetForecastResource {
  readonly periodEnd: string;
  readonly limit: string;
  readonly spent: string;
  readonly forecast: string | null;
  readonly decidedAt: string | null;
  readonly steps: readonly {
    readonly step: DegradeStep;
    readonly since: string | null;
    readonly savesPerHour: string;
    readonly saves: string;
  }[];
}

/** A spec under way: the platform checks it. */
export type BudgetWish = { -readonly [field in keyof BudgetSpecInput]?: BudgetSpecInput[field] | undefined };
