import type { RunSpec } from '../../core/function/run-spec';
import type { Instance } from '../instance/instance';
import type { RevisionPool } from '../pool/revision-pool';
import type { CheckpointCatalog } from '../revision/checkpoint-catalog';
import type { GatewayLinks } from './gateway-links';

export interface CheckpointReminderOptions {
  readonly catalog: CheckpointCatalog;
  readonly links: GatewayLinks;
  /** This host's key for a runtime; null where it cannot checkpoint. */
  readonly hostKey: (runtime: RunSpec['runtime']) => string | null;
}

/** A lease this old has served something, though the gateway has not given it back yet. */
const LEASED_LONG_MS = 5_000;
/** Who was told makes the checkpoint in this time, or is told again at the next occasion. */
const ASK_AGAIN_MS = 60_000;
const HOLD_MS = 10_000;
/** A checkpoint that failed is made anew after this time. */
const QUARANTINE_MS = 10 * 60_000;

/** Notices when a revision that checkpoints at its first request has served one, and says so to a gateway. */
export class CheckpointReminder {
  readonly #options: CheckpointReminderOptions;

  constructor(options: CheckpointReminderOptions) {
    this.#options = options;
  }

  /** Traffic without a pause never gives its lease back: then its age is the sign. */
  leased(pool: RevisionPool, instance: Instance): void {
    const { lease } = instance;
    if (!this.#due(pool, instance)) return;
    setTimeout(() => {
      if (instance.lease === lease && this.#due(pool, instance)) this.#remind(pool, instance);
    }, LEASED_LONG_MS).unref();
  }

  served(pool: RevisionPool, instance: Instance): void {
    if (this.#due(pool, instance)) this.#remind(pool, instance);
  }

  /** Restored instances share pages with their image: only those started cold can be checkpointed. */
  #due(pool: RevisionPool, instance: Instance): boolean {
    const { runtime, revisionId, checkpoint } = pool.run;
    if (checkpoint.when !== 'first-request' || instance.kind !== 'cold' || instance.ended || pool.retired) return false;
    const now = Date.now();
    if (now - pool.checkpointAskedAt < ASK_AGAIN_MS) return false;
    const hostKey = this.#options.hostKey(runtime);
    if (hostKey === null || this.#options.catalog.usable(revisionId, hostKey)) return false;
    return now - (this.#options.catalog.find(revisionId)?.quarantinedAt ?? 0) > QUARANTINE_MS;
  }

  #remind(pool: RevisionPool, instance: Instance): void {
    const { tenant, function: name, revision } = pool.run;
    const traced = instance.traceparent === null ? {} : { traceparent: instance.traceparent };
    const message = { tenant, function: name, revision, instanceId: instance.id, ...traced };
    if (!this.#options.links.checkpointDue(message, instance.lease?.gatewayId ?? null)) return;
    pool.checkpointAskedAt = Date.now();
    instance.heldUntil = Date.now() + HOLD_MS;
  }
}
