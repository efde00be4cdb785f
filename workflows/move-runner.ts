import { ParentClosePolicy, proxyActivities, startChild } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { MoveOutcome } from '../drivers/store/placement-decision-store';
import { migrateWorkflowId } from '../core/control/workflow-inputs';
import type { PlannedMove } from '../core/placement/compare-placements';
import { placementSteps, type PlacementStep } from '../core/plan/placement-steps';
import { changeReplicas } from './change-replicas';
import { reasonOf } from './failure';
import { migrateFunction } from './migrate-function';
import { QUICK } from './options';

const quick = proxyActivities<Activities>(QUICK);

/**
 * Carries the moves of a plan out, some of them at a time, in their order: who takes the room that others leave waits for
 * them, and does not move where they did not. Never rejects.
 * @param atOnce functions that move at the same time at most
 * @param told of each end
 */
export async function runMoves(
  moves: readonly PlannedMove[],
  atOnce: number,
  told: (outcome: MoveOutcome) => void,
): Promise<MoveOutcome[]> {
  const ended = new Map<string, MoveOutcome>();
  const running = new Map<string, Promise<void>>();
  const waiting = [...moves];
  const end = (outcome: MoveOutcome): void => {
    ended.set(outcome.function, outcome);
    running.delete(outcome.function);
    told(outcome);
  };
  while (waiting.length + running.size > 0) {
    const ready = waiting.findIndex(({ waitsFor }) => waitsFor.every((other) => ended.has(other) || !planned(other)));
    if (ready === -1 || running.size >= atOnce) {
      await Promise.race(running.values());
      continue;
    }
    const [move] = waiting.splice(ready, 1) as [PlannedMove];
    const { function: id, waitsFor } = move;
    const stayed = waitsFor.find((other) => ended.get(other) !== undefined && ended.get(other)?.state !== 'done');
    if (stayed !== undefined) end({ function: id, state: 'skipped', error: `${stayed} did not make room` });
    else running.set(id, run(move).then(end));
  }
  return moves.flatMap(({ function: id }) => ended.get(id) ?? []);

  function planned(id: string): boolean {
    return moves.some((move) => move.function === id);
  }
}

async function run({ function: id, from, to }: PlannedMove): Promise<MoveOutcome> {
  const [tenant = '', name = ''] = id.split('/');
  try {
    for (const step of placementSteps(from, to)) await take(step, tenant, name);
    return { function: id, state: 'done', error: null };
  } catch (error) {
    return { function: id, state: 'failed', error: reasonOf(error) };
  }
}

/** A move goes on when the plan's run ends: it would leave a function between two nodes. */
async function take(step: PlacementStep, tenant: string, name: string): Promise<void> {
  const options = { workflowId: migrateWorkflowId(tenant, name), parentClosePolicy: ParentClosePolicy.ABANDON };
  const target = { tenant, function: name };
  switch (step.kind) {
    case 'place':
      return quick.placeOn({ ...target, node: step.to });
    case 'migrate': {
      const args: Parameters<typeof migrateFunction> = [
        { ...target, from: step.from, to: step.to, reason: 'placement' },
      ];
      const { outcome, reason } = await (await startChild(migrateFunction, { ...options, args })).result();
      if (outcome !== 'completed') throw new Error(reason ?? outcome);
      return;
    }
    case 'add':
      await (await startChild(changeReplicas, { ...options, args: [{ ...target, add: step.to }] })).result();
      return;
    case 'remove':
      await (await startChild(changeReplicas, { ...options, args: [{ ...target, remove: step.from }] })).result();
  }
}
