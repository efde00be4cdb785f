import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { Move } from '../activities/move-activities';
import { MOVE } from './options';

const acts = proxyActivities<Activities>(MOVE);

/** Gateways hear of a placement by a notice; one that was busy just then has heard of it by then. */
export const HEARD_MS = 250;
/** A node that a function is not to come to after all is left to itself after so long. */
export const BACK_OUT_MS = 10_000;
/** One call that drains gives up after so long and is made anew. */
const DRAIN_CALL_MS = 2_000;

/** Ends a function's instances on a node, those in use with their last request. @returns how many still are, after `withinMs` */
export async function drainFrom(node: string, move: Move, withinMs: number): Promise<number> {
  const end = Date.now() + withinMs;
  for (;;) {
    const { left } = await acts.drainNode({ move, node, deadlineMs: DRAIN_CALL_MS });
    if (left === 0 || Date.now() >= end) return left;
  }
}
