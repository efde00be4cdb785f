import type { CheckpointState } from './checkpoint-state';

/** A checkpoint as retention sees it. */
export interface RetainedCheckpoint {
  readonly id: string;
  readonly revisionId: string;
  readonly node: string;
  readonly hostKey: string;
  readonly state: CheckpointState;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

export interface RetentionFacts {
  readonly checkpoints: readonly RetainedCheckpoint[];
  /** Revisions that an alias points at. */
  readonly revisionsInUse: ReadonlySet<string>;
  /** What a checkpoint of this revision would have to match on this node now; undefined when the node cannot be asked. */
  readonly hostKey: (revisionId: string, node: string) => string | undefined;
  /** Unix milliseconds. */
  readonly now: number;
  /** How long checkpoints of revisions out of use are kept, milliseconds. */
  readonly keepUnusedMs: number;
}

export interface RetentionDecision {
  readonly drop: readonly { readonly id: string; readonly reason: string }[];
  readonly renew: readonly { readonly revisionId: string; readonly node: string; readonly reason: string }[];
}

/** A checkpoint that is still `making` after this long was given up by its workflow. */
const ABANDONED_MS = 60 * 60_000;

/** What to drop and what to make anew. Pure; a node that cannot be asked is left alone. */
export function planRetention(facts: RetentionFacts): RetentionDecision {
  const drop: { id: string; reason: string }[] = [];
  const renew = new Map<string, { revisionId: string; node: string; reason: string }>();
  for (const checkpoint of facts.checkpoints) {
    const age = facts.now - checkpoint.createdAt;
    const inUse = facts.revisionsInUse.has(checkpoint.revisionId);
    const wanted = facts.hostKey(checkpoint.revisionId, checkpoint.node);
    const outdated = wanted !== undefined && wanted !== checkpoint.hostKey;
    const again = (reason: string): void => {
      const { revisionId, node } = checkpoint;
      if (inUse) renew.set(`${revisionId} ${node}`, { revisionId, node, reason });
    };
    if (checkpoint.state === 'making') {
      if (age > ABANDONED_MS) drop.push({ id: checkpoint.id, reason: 'given up while it was made' });
    } else if (checkpoint.state === 'quarantined') {
      drop.push({ id: checkpoint.id, reason: 'it failed to restore' });
      again('the one before failed to restore');
    } else if (outdated) {
      drop.push({ id: checkpoint.id, reason: 'made under another kernel, CPU or runtime' });
      again('kernel, CPU or runtime changed');
    } else if (!inUse && age > facts.keepUnusedMs) {
      drop.push({ id: checkpoint.id, reason: 'nothing points at its revision' });
    }
  }
  return { drop, renew: [...renew.values()] };
}
