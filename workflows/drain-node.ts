import {
  ApplicationFailure,
  executeChild,
  ParentClosePolicy,
  proxyActivities,
  sleep,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { PlannedMove, PlannedMoves } from '../activities/node-activities';
import { drainNodeInput, migrateWorkflowId, type DrainNodeInput } from '../core/control/workflow-inputs';
import { reasonOf, validated } from './failure';
import { migrateFunction } from './migrate-function';
import { QUICK, ROLLOUT } from './options';
import { Progress } from './progress';
import { NODE_NAME } from './search-attributes';

const quick = proxyActivities<Activities>(QUICK);
const rollout = proxyActivities<Activities>(ROLLOUT);

/** Moves under way at once: each starts instances on its target. */
const MOVES_AT_ONCE = 4;
/** What could not be moved, for want of room or by a failed move, is tried again after a pause. */
const [ROUNDS, PAUSE] = [3, '5 seconds'] as const;
/** Calls that wait for what is in flight on the node, a minute each. */
const DRAIN_CALLS = 10;

export interface DrainNodeResult {
  readonly node: string;
  readonly moved: number;
  /** `kept`: somebody has given the node work again, or a lost one is back. */
  readonly outcome: 'drained' | 'moved' | 'kept';
}

/**
 * Empties a node: no new work → each function to the nearest node with room → what is left on the node ends → drained. Of a
 * lost node only the functions are moved.
 */
export async function drainNode(input: DrainNodeInput): Promise<DrainNodeResult> {
  const { node, reason, why } = validated('drainNode', drainNodeInput, input);
  upsertSearchAttributes([{ key: NODE_NAME, value: node }]);
  const progress = new Progress(reason === 'drain' ? `Drain ${node}` : `Move what was on ${node}`);
  if (reason === 'drain') {
    progress.begin('give it no new work');
    await quick.beginDrain({ node, why });
  }
  let moved = 0;
  for (let round = 1; ; round++) {
    progress.begin('choose where its functions go');
    const plan = await quick.planMoves({ node, reason });
    if (!plan.wanted) {
      progress.finish('it takes work again: the rest stays');
      return { node, moved, outcome: 'kept' };
    }
    if (plan.moves.length + plan.stuck.length === 0) break;
    progress.begin(`move ${plan.moves.length} function(s)`);
    const failed = await moveAll(node, reason, plan.moves, progress);
    moved += plan.moves.length - failed;
    if (plan.stuck.length + failed === 0) {
      // Those of a lost node stay in its rows until it is back or taken out.
      if (reason === 'node-lost' || round > 1) break;
    } else if (round === ROUNDS) await giveUp(node, plan, failed, progress);
    else await sleep(PAUSE, { summary: 'room may come' });
  }
  if (reason === 'node-lost') {
    progress.finish(`${moved} function(s) moved`);
    return { node, moved, outcome: 'moved' };
  }
  progress.begin('end what is left');
  for (let call = 1, left = 1; left > 0 && call <= DRAIN_CALLS; call++) {
    ({ left } = await rollout.drainAgent({ node }));
    if (left > 0) progress.note(`${left} instance(s) still finish what they do`);
  }
  const drained = await quick.endDrain({ node, moved });
  progress.finish(drained ? `drained, ${moved} function(s) moved` : 'it takes work again');
  return { node, moved, outcome: drained ? 'drained' : 'kept' };
}

/** @returns how many failed; each says why in the progress */
async function moveAll(
  from: string,
  reason: 'drain' | 'node-lost',
  moves: readonly PlannedMove[],
  progress: Progress,
): Promise<number> {
  const waiting = [...moves];
  let failed = 0;
  const mover = async (): Promise<void> => {
    for (let move = waiting.shift(); move; move = waiting.shift()) {
      const { tenant, function: name, to } = move;
      try {
        await executeChild(migrateFunction, {
          workflowId: migrateWorkflowId(tenant, name),
          args: [{ tenant, function: name, from, to, reason }],
          parentClosePolicy: ParentClosePolicy.ABANDON,
        });
      } catch (error) {
        failed += 1;
        progress.note(`${tenant}/${name} to ${to} failed (${reasonOf(error)})`);
      }
    }
  };
  await Promise.all(Array.from({ length: MOVES_AT_ONCE }, mover));
  return failed;
}

/** @throws ApplicationFailure capacity; the node is cordoned, and a later drain goes on */
async function giveUp(node: string, { stuck }: PlannedMoves, failed: number, progress: Progress): Promise<never> {
  const functions = stuck.map(({ tenant, function: name, refusals }) => {
    return `${tenant}/${name}: ${refusals.map(({ node: other, reason }) => `${other} ${reason}`).join(', ') || 'there is no other node'}`; // prettier-ignore
  });
  const text = [`${functions.length} function(s) find no node`, ...functions].join('; ');
  const message = functions.length > 0 ? text : `${failed} move(s) failed`;
  await quick.stopDrain({ node, message, functions });
  progress.finish(message);
  throw ApplicationFailure.nonRetryable(message, 'capacity');
}
