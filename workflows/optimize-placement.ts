import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { PlannedPlacement } from '../activities/optimizing-activities';
import { optimizePlacementInput, type OptimizePlacementInput } from '../core/control/workflow-inputs';
import { sumOf, type Costs } from '../core/placement/cost-breakdown';
import { dollars } from '../core/placement/move-reason';
import { COST_TERMS } from '../core/placement/placement-prices';
import type { MoveOutcome } from '../drivers/store/placement-decision-store';
import { validated } from './failure';
import { runMoves } from './move-runner';
import { PLANNING, QUICK } from './options';
import { Progress } from './progress';

const { planPlacement } = proxyActivities<Activities>(PLANNING);
const { notePlanOutcomes } = proxyActivities<Activities>(QUICK);

/** Why it is the schedule that asks, and no person. */
export const SCHEDULED = 'schedule';

export interface OptimizePlacementResult extends PlannedPlacement {
  /** Null where nothing was to be moved. */
  readonly outcomes: readonly MoveOutcome[] | null;
}

/**
 * Places functions where users, data and callees make them cheapest: what was measured → costs → the best placement → which
 * moves are worth it → moves, some at a time, the best first. A dry run ends with the plan.
 */
export async function optimizePlacement(input: OptimizePlacementInput): Promise<OptimizePlacementResult> {
  const { planId, reason, ...wish } = validated('optimizePlacement', optimizePlacementInput, input);
  const { workflowId, runId } = workflowInfo();
  const progress = new Progress('Optimize placement');
  progress.begin('weigh where functions sit');
  const scheduled = reason === SCHEDULED;
  const plan = await planPlacement({ ...wish, planId: planId ?? runId, workflowId, scheduled });
  if (wish.dryRun || plan.verdict !== 'move' || plan.planId === null) {
    progress.finish(table(wish.dryRun ? 'planned, and nothing moved' : plan.verdict, plan));
    return { ...plan, outcomes: null };
  }
  progress.begin(`move ${plan.moves.length} function(s), ${plan.atOnce} at a time`);
  const outcomes = await runMoves(plan.moves, plan.atOnce, ({ function: id, state, error }) => {
    progress.note(error === null ? `${id} ${state}` : `${id} ${state} (${error})`);
  });
  await notePlanOutcomes({ planId: plan.planId, outcomes });
  const done = outcomes.filter(({ state }) => state === 'done').length;
  progress.finish(table(`${done} of ${outcomes.length} function(s) moved`, plan));
  return { ...plan, outcomes };
}

function table(title: string, { reason, costs, moves, held, notes }: PlannedPlacement): string {
  const lines = [`${title}: ${reason}`];
  if (costs) {
    lines.push(
      '',
      `| µ$ an hour | ${COST_TERMS.join(' | ')} | all |`,
      `| --- |${' --- |'.repeat(COST_TERMS.length + 1)}`,
    );
    lines.push(row('now', costs.before), row('after', costs.after), ...(costs.best ? [row('best', costs.best)] : []));
  }
  if (moves.length > 0)
    lines.push('', '| function | from | to | saves an hour | because |', '| --- | --- | --- | --- | --- |');
  for (const { function: id, from, to, savesPerHour, reason: why } of moves) {
    lines.push(`| ${id} | ${from.join(', ')} | ${to.join(', ')} | ${dollars(savesPerHour)} | ${why} |`);
  }
  if (held.length > 0) lines.push('', ...held.map(({ function: id, reason: why }) => `- ${id} stays: ${why}`));
  if (notes.length > 0) lines.push('', ...notes.map((note) => `- ${note}`));
  return lines.join('\n');
}

function row(name: string, costs: Costs): string {
  return `| ${name} | ${[...COST_TERMS.map((term) => costs[term]), sumOf(costs)].map((cost) => cost.toFixed(0)).join(' | ')} |`;
}
