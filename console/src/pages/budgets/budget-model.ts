import type { BudgetForecastView, BudgetView } from '../../lib/answers';
import { STEP_WORDS } from './budget-form';

const HOUR_MS = 3_600_000;

/** Spend over the period, for a chart: dollars at moments in Unix milliseconds. */
export interface SpendChart {
  readonly times: readonly number[];
  readonly spent: readonly (number | null)[];
  readonly forecast: readonly (number | null)[];
  readonly limit: readonly number[];
}

/**
 * What was spent hour by hour, summed up, then as it will go on: in a straight line to the forecast, which is of the
 * period's end alone. @param now Unix milliseconds
 */
export function spendChart(
  budget: Pick<BudgetView, 'periodStart' | 'periodEnd'>,
  forecast: BudgetForecastView,
  now: number,
): SpendChart {
  const [start, end] = [Date.parse(budget.periodStart), Date.parse(budget.periodEnd)];
  const past: [number, number][] = [[start, 0]];
  let sum = 0;
  for (const { from, spent } of forecast.hours) {
    const begins = Math.max(start, Date.parse(from));
    // Hours in which nothing was spent are left out: the line is level there.
    if ((past.at(-1)?.[0] ?? start) < begins) past.push([begins, sum]);
    sum += Number(spent);
    const over = Date.parse(from) + HOUR_MS;
    if (over < now && over > start) past.push([over, sum]);
  }
  // The ledger lags by minutes: what was spent in all is known to the moment.
  const spent = Number(forecast.spent);
  past.push([Math.min(Math.max(now, start + 1), end), spent]);
  const rows = past.map(([at, value]): [number, number | null, number | null] => [at, value, null]);
  const last = rows.at(-1);
  if (forecast.forecast !== null && last && last[0] < end) {
    last[2] = spent;
    rows.push([end, null, Number(forecast.forecast)]);
  }
  return {
    times: rows.map(([at]) => at),
    spent: rows.map(([, value]) => value),
    forecast: rows.map(([, , value]) => value),
    limit: rows.map(() => Number(forecast.limit)),
  };
}

/** A step of the ladder. Amounts are dollars; null: nothing has been decided yet. */
export interface LadderRow {
  readonly step: keyof typeof STEP_WORDS;
  readonly does: string;
  readonly inForce: boolean;
  readonly since: string | null;
  readonly savesPerHour: string | null;
  readonly saves: string | null;
}

/** All steps of the budget in its order. */
export function ladderRows(
  budget: Pick<BudgetView, 'spec' | 'steps'>,
  forecast: BudgetForecastView | undefined,
): LadderRow[] {
  return budget.spec.degrade.map((step) => {
    const effect = forecast?.steps.find((row) => row.step === step);
    return {
      ...{ step, does: STEP_WORDS[step], inForce: budget.steps.includes(step), since: effect?.since ?? null },
      savesPerHour: effect?.savesPerHour ?? null,
      saves: effect?.saves ?? null,
    };
  });
}

/** How a budget stands: `over` is spent, `tight` will be before the period ends or takes steps, `well` neither. */
export function standing({
  percent,
  forecast,
  spec,
  steps,
}: Pick<BudgetView, 'percent' | 'forecast' | 'spec' | 'steps'>): 'well' | 'tight' | 'over' {
  if (percent >= 100) return 'over';
  return steps.length > 0 || (forecast !== null && Number(forecast) > Number(spec.limit)) ? 'tight' : 'well';
}
