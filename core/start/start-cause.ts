import type { RemovalReason } from '../agent/instance-state';
import type { StartCause, StartKind } from './start';

/** What the agent knows about a revision at the moment it decides to start an instance. */
export interface StartFacts {
  readonly kind: StartKind;
  /** A restore was tried for this start and failed. */
  readonly restoreFailed: boolean;
  /** Instances of the revision that a gateway uses or that were starting. */
  readonly busy: number;
  /** Instances that the revision had when its node, or the node's agent, went away, and that nothing has replaced yet. */
  readonly lost: number;
  /** The revision has served on this node before. */
  readonly revisionSeen: boolean;
  /** Another revision of the function has. */
  readonly functionSeen: boolean;
  /** Why the revision's last instance ended; null when none has. */
  readonly lastRemoval: RemovalReason | null;
  /** Instances that a target in force promises; null where no policy has spoken. */
  readonly promised: number | null;
  /** The function moves to this node just now. */
  readonly moving?: boolean;
}

/** Why an invocation was not served hot; null when it was. The first rule that fits wins. */
export function startCause(facts: StartFacts): StartCause | null {
  if (facts.kind === 'hot') return null;
  if (facts.restoreFailed) return 'restore-failed';
  if (facts.moving) return 'migration';
  if (!facts.revisionSeen) return facts.functionSeen ? 'deploy' : 'first';
  if (facts.kind !== 'warm' && facts.lost > 0) return 'node-lost';
  if (facts.busy > 0) return facts.promised !== null && facts.promised > 0 ? 'forecast-miss' : 'burst';
  if (facts.kind === 'warm') return 'expired';
  return causeOfRemoval(facts.lastRemoval, facts.promised !== null);
}

function causeOfRemoval(reason: RemovalReason | null, forecast: boolean): StartCause {
  switch (reason) {
    case 'expired':
      return forecast ? 'forecast-miss' : 'expired';
    case 'evicted':
      return 'evicted';
    case 'deploy':
    case 'deleted':
      return 'deploy';
    case 'migration':
    case 'drain':
      return 'migration';
    case 'crashed':
    case 'failed':
    case 'node-lost':
    case 'stopped':
    case null:
      return 'node-lost';
  }
}
