import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, proxyActivities, startChild, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { DecidedBudgets } from '../activities/budget-activities';
import type { ShownBudget, ShownStep } from '../activities/shown-budget';
import {
  alertWorkflowId,
  enforceBudgetInput,
  type DeliverAlertInput,
  type EnforceBudgetInput,
} from '../core/control/workflow-inputs';
import { deliverAlert } from './deliver-alert';
import { validated } from './failure';
import { BUDGETS, QUICK } from './options';
import { Progress } from './progress';

const { budgetTenants } = proxyActivities<Activities>(QUICK);
const { decideBudgets } = proxyActivities<Activities>(BUDGETS);

/** Tenants that one activity decides about. */
const TENANTS_AT_ONCE = 25;
/** Budgets that the result tells of. */
const SHOWN = 50;

export interface EnforceBudgetResult {
  readonly decided: number;
  readonly dryRun: boolean;
  /** Those nearest to their limit first. */
  readonly budgets: readonly ShownBudget[];
}

/**
 * Each minute, and as soon as a gateway sees a threshold crossed: what was spent and where it will end → which alerts are due → which
 * steps come into force, or are taken back. A dry run says so, and changes nothing.
 */
export async function enforceBudget(input: EnforceBudgetInput): Promise<EnforceBudgetResult> {
  const { tenant, budget, dryRun } = validated('enforceBudget', enforceBudgetInput, input);
  const { runId: decisionId } = workflowInfo();
  const progress = new Progress(dryRun ? 'Enforce budgets: dry run' : 'Enforce budgets');
  progress.begin('look who has budgets');
  const tenants = tenant === undefined ? await budgetTenants() : [tenant];
  let decided = 0;
  let shown: ShownBudget[] = [];
  for (let from = 0; from < tenants.length; from += TENANTS_AT_ONCE) {
    const some = tenants.slice(from, from + TENANTS_AT_ONCE);
    progress.begin(`decide about the budgets of ${some.length === 1 ? some[0] : `${some.length} tenants`}`);
    const part: DecidedBudgets = await decideBudgets({ tenants: some, budget, dryRun, decisionId });
    decided += part.decided;
    shown = [...shown, ...part.budgets].sort((a, b) => b.percent - a.percent).slice(0, SHOWN);
    for (const delivery of part.deliveries) await deliver(delivery);
  }
  progress.finish(table(dryRun, decided, shown));
  return { decided, dryRun, budgets: shown };
}

/** By a workflow of its own: a webhook that hangs, or is away for hours, holds up no decision. */
async function deliver(delivery: DeliverAlertInput): Promise<void> {
  const { tenant, budget, periodStart, percent } = delivery;
  try {
    await startChild(deliverAlert, {
      workflowId: alertWorkflowId(tenant, budget, periodStart, percent),
      args: [delivery],
      parentClosePolicy: ParentClosePolicy.ABANDON,
    });
  } catch (error) {
    // That of a budget of the same name, deleted meanwhile, is being delivered still.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function table(dryRun: boolean, decided: number, budgets: readonly ShownBudget[]): string {
  const [would, has] = dryRun ? ['would be ', 'nothing was changed'] : ['', 'decided'];
  const lines = [`${decided} budget(s): ${has}`];
  if (budgets.length === 0) return lines.join('\n');
  lines.push(
    '',
    '| budget | spent | of | forecast | until | alerts | steps |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  );
  for (const row of budgets) {
    const alerts = row.alerts.map((percent) => `${percent} % ${would}told`).join(', ') || '–';
    const steps =
      row.steps
        .filter(({ inForce, change }) => inForce || change)
        .map(stepText(would))
        .join(', ') || '–';
    lines.push(
      `| ${row.tenant}/${row.budget} | ${short(row.spent)} (${row.percent} %) | ${short(row.limit)} | ${short(row.forecast)} | ${row.periodEnd} | ${alerts} | ${steps} |`,
    );
  }
  lines.push(
    '',
    '| step | budget | in force | saves an hour | saves until the end |',
    '| --- | --- | --- | --- | --- |',
  );
  for (const row of budgets) {
    for (const { step, inForce, savesPerHour, saves } of row.steps) {
      lines.push(
        `| ${step} | ${row.tenant}/${row.budget} | ${inForce ? 'yes' : 'no'} | ${short(savesPerHour)} | ${short(saves)} |`,
      );
    }
  }
  for (const { tenant, budget, notes } of budgets)
    for (const note of notes) lines.push('', `${tenant}/${budget}: ${note}.`);
  return lines.join('\n');
}

/** Six decimals are enough for people; the result has all. */
function short(dollars: string): string {
  return dollars.replace(/(\.\d{6})\d+$/, '$1');
}

function stepText(would: string) {
  return ({ step, change }: ShownStep): string => (change === null ? step : `${step} (${would}${change})`);
}
