/** Instances that serve or could at once, and those that sleep. */
export interface InstanceCount {
  readonly running: number;
  readonly frozen: number;
}

const RUNNING: ReadonlySet<string> = new Set(['idle', 'leased', 'checkpointing']);
const FROZEN: ReadonlySet<string> = new Set(['frozen', 'freezing']);

/** What a node holds, by revision id. */
export function countInstances(
  instances: readonly { readonly revisionId: string; readonly state: string }[],
): ReadonlyMap<string, InstanceCount> {
  const counts = new Map<string, { running: number; frozen: number }>();
  for (const { revisionId, state } of instances) {
    const count = counts.get(revisionId) ?? { running: 0, frozen: 0 };
    counts.set(revisionId, count);
    if (RUNNING.has(state)) count.running += 1;
    else if (FROZEN.has(state)) count.frozen += 1;
  }
  return counts;
}
