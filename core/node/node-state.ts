/** What was decided for a node. `drained`: nothing is left on it, and it takes nothing. */
export const NODE_INTENTS = ['ready', 'cordoned', 'draining', 'drained'] as const;
export type NodeIntent = (typeof NODE_INTENTS)[number];

/** As others see it: `lost` is one whose agent has been silent for too long, whatever was decided. */
export const NODE_STATES = [...NODE_INTENTS, 'lost'] as const;
export type NodeState = (typeof NODE_STATES)[number];

/** How often an agent says that it lives. */
export const HEARTBEAT_MS = 2_000;
/** Silent for so long, a node counts as lost: four heartbeats may go astray. */
export const LOST_AFTER_MS = 10_000;

/** @param silentMs since its agent was last heard */
export function nodeStateOf(intent: NodeIntent, silentMs: number): NodeState {
  return silentMs > LOST_AFTER_MS ? 'lost' : intent;
}
