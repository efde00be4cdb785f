import type { DrainNodeInput } from './workflow-inputs';

/** One workflow at a time empties a node; that of a lost one is another than that of one that still answers. */
export function drainWorkflowId(node: string, reason: DrainNodeInput['reason']): string {
  return reason === 'node-lost' ? `node-lost/${node}` : `drain/${node}`;
}
