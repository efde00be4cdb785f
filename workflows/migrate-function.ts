import {
  CancellationScope,
  defineQuery,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import { migrateFunctionInput, type MigrateFunctionInput } from '../core/control/workflow-inputs';
import { reasonOf, validated } from './failure';
import { FunctionMove } from './function-move';
import { MigrationProgress, type MigrationView } from './migration-progress';
import { MOVE, MOVE_BACK } from './options';
import { FUNCTION_NAME, NODE_NAME, TENANT_ID } from './search-attributes';

const acts = proxyActivities<Activities>(MOVE);
const patient = proxyActivities<Activities>(MOVE_BACK);

export const approveSignal = defineSignal('approve');
export const abortSignal = defineSignal<[reason?: string]>('abort');
export const progressQuery = defineQuery<MigrationView>('progress');

export interface MigrateFunctionResult {
  readonly migration: string;
  readonly function: string;
  readonly from: string | null;
  readonly to: string;
  readonly outcome: 'completed' | 'rolled-back';
  readonly reason: string | null;
}

/**
 * Moves a function to another node: check → take its checkpoint along → start → wait until ready, health check → as many
 * instances as before → shift traffic by steps, each watched → take the old node out → drain it → clean up. Whatever fails
 * before the old node is out puts everything back; from there on it only goes forward.
 *
 * Each step is one activity that sets an absolute target, and the placement's generation admits each change once: a step
 * that comes late, from a worker that was believed dead, finds another generation and loses.
 */
export async function migrateFunction(input: MigrateFunctionInput): Promise<MigrateFunctionResult> {
  const wish = validated('migrateFunction', migrateFunctionInput, input);
  const { tenant, function: name, from, to, reason } = wish;
  upsertSearchAttributes([
    { key: FUNCTION_NAME, value: name },
    { key: TENANT_ID, value: tenant },
    { key: NODE_NAME, value: to },
  ]);
  const { workflowId, runId } = workflowInfo();
  const progress = new MigrationProgress({ tenant, function: name, to });
  const scope = new CancellationScope();
  const asked: { approved: boolean; aborted: string | null } = { approved: !wish.approval, aborted: null };
  const move = new FunctionMove({ wish, progress, fence: `${workflowId}/${runId}`, approved: () => asked.approved });
  setHandler(progressQuery, () => progress.view, { description: 'Where the migration is' });
  setHandler(approveSignal, () => void (asked.approved = true), { description: 'Traffic may move' });
  setHandler(
    abortSignal,
    (why) => {
      if (!move.mayAbort || asked.aborted !== null) return;
      asked.aborted = why?.slice(0, 500) ?? 'aborted by hand';
      scope.cancel();
    },
    { description: 'Put everything back; of no effect once the old node is out' },
  );

  const ends = { tenant, function: name, to };
  const migration = await acts.openMigration({
    ...ends,
    from,
    reason,
    workflowId,
    runId,
    migrationId: wish.migrationId,
  });
  progress.migration = migration;
  progress.begin('check');
  let planned: Awaited<ReturnType<typeof acts.checkMigration>>;
  try {
    planned = await acts.checkMigration({ ...ends, from, reason, workflowId });
  } catch (error) {
    const why = isCancellation(error) ? 'cancelled' : reasonOf(error);
    progress.finish('refused', `refused: ${why}`);
    const { phases } = progress;
    await CancellationScope.nonCancellable(() =>
      patient.closeMigration({ ...ends, migration, phases, state: 'refused', error: why }),
    );
    throw error;
  }
  progress.from = planned.from;

  const result = { migration, function: name, from: planned.from, to };
  try {
    await scope.run(() => move.run(migration, planned));
    progress.finish('completed', `${name} is on ${to}`);
    const { phases } = progress;
    await CancellationScope.nonCancellable(() =>
      patient.closeMigration({ ...ends, migration, phases, state: 'completed', error: null }),
    );
    return { ...result, outcome: 'completed', reason: null };
  } catch (error) {
    const why = asked.aborted ?? (isCancellation(error) ? 'cancelled' : reasonOf(error));
    await CancellationScope.nonCancellable(async () => {
      progress.state = 'rolling back';
      progress.begin(`put everything back: ${why}`);
      await move.rollBack();
      progress.finish('rolled-back', `${name} stays on ${planned.from}: ${why}`);
      const { phases } = progress;
      await patient.closeMigration({ ...ends, migration, phases, state: 'rolled-back', error: why });
    });
    if (asked.aborted === null) throw error;
    return { ...result, outcome: 'rolled-back', reason: why };
  }
}
