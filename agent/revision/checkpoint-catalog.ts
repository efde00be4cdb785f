import path from 'node:path';
import { z } from 'zod';
import type { AgentLog } from '../agent-log';
import { DurableJson } from './durable-json';

const publishedSchema = z.object({
  checkpointId: z.string(),
  revisionId: z.string(),
  tenant: z.string(),
  function: z.string(),
  revision: z.number(),
  codeDigest: z.string(),
  hostKey: z.string(),
  digest: z.string(),
  /**
   * Whether the function has a hook of this name: a clone must have run it before anybody's request is given to it.
   * Null while it is not known, which is treated as true.
   */
  afterRestore: z.boolean().nullable().default(null),
  /** Restores that failed in a row. */
  failures: z.number(),
  /** Unix milliseconds since which it is not used any more; null while it is. */
  quarantinedAt: z.number().nullable(),
});
export type PublishedCheckpoint = z.infer<typeof publishedSchema>;

const FAILURES_TO_QUARANTINE = 2;

/** Which checkpoint each revision restores from on this node. Outlives the agent; holds no secrets. */
export class CheckpointCatalog {
  readonly #byRevision = new Map<string, PublishedCheckpoint>();
  readonly #file: DurableJson<PublishedCheckpoint[]>;
  /** What was learnt of checkpoints before they were published. */
  readonly #hooks = new Map<string, boolean>();

  constructor(folder: string, log: AgentLog) {
    this.#file = new DurableJson(path.join(folder, 'checkpoints.json'), log, () => [...this.#byRevision.values()]);
  }

  async open(): Promise<void> {
    const entries = (await this.#file.read(z.array(publishedSchema))) ?? [];
    for (const entry of entries) this.#byRevision.set(entry.revisionId, entry);
  }

  /** From now on restores of the revision use it, in place of an older one. On disk when this resolves. */
  async publish(checkpoint: Omit<PublishedCheckpoint, 'failures' | 'quarantinedAt' | 'afterRestore'>): Promise<void> {
    const old = this.#byRevision.get(checkpoint.revisionId);
    const known = old?.checkpointId === checkpoint.checkpointId;
    this.#byRevision.set(checkpoint.revisionId, {
      ...checkpoint,
      afterRestore: this.#hooks.get(checkpoint.checkpointId) ?? (known ? old.afterRestore : null),
      failures: known ? old.failures : 0,
      quarantinedAt: known ? old.quarantinedAt : null,
    });
    this.#hooks.delete(checkpoint.checkpointId);
    await this.#file.flush();
  }

  /** A clone has told whether its function has the hook `afterRestore`. */
  learned(checkpointId: string, afterRestore: boolean): void {
    const entry = this.#byId(checkpointId);
    if (!entry) this.#hooks.set(checkpointId, afterRestore);
    else if (entry.afterRestore !== afterRestore) {
      entry.afterRestore = afterRestore;
      this.#file.changed();
    }
  }

  /** The revision's checkpoint when this host can restore it and it has not failed too often. */
  usable(revisionId: string, hostKey: string): PublishedCheckpoint | null {
    const entry = this.#byRevision.get(revisionId);
    return entry && entry.quarantinedAt === null && entry.hostKey === hostKey ? entry : null;
  }

  find(revisionId: string): PublishedCheckpoint | null {
    return this.#byRevision.get(revisionId) ?? null;
  }

  all(): readonly PublishedCheckpoint[] {
    return [...this.#byRevision.values()];
  }

  restored(checkpointId: string): void {
    const entry = this.#byId(checkpointId);
    if (!entry || entry.failures === 0) return;
    entry.failures = 0;
    this.#file.changed();
  }

  /** Counts a failed restore. `hopeless`: it can never succeed. True when this one quarantined it. */
  failed(checkpointId: string, hopeless: boolean): boolean {
    const entry = this.#byId(checkpointId);
    if (!entry || entry.quarantinedAt !== null) return false;
    entry.failures += 1;
    const quarantine = hopeless || entry.failures >= FAILURES_TO_QUARANTINE;
    if (quarantine) entry.quarantinedAt = Date.now();
    this.#file.changed();
    return quarantine;
  }

  /** On disk when this resolves. True when it was published. */
  async drop(checkpointId: string): Promise<PublishedCheckpoint | null> {
    this.#hooks.delete(checkpointId);
    const entry = this.#byId(checkpointId);
    if (!entry) return null;
    this.#byRevision.delete(entry.revisionId);
    await this.#file.flush();
    return entry;
  }

  flush(): Promise<void> {
    return this.#file.flush();
  }

  #byId(checkpointId: string): PublishedCheckpoint | undefined {
    for (const entry of this.#byRevision.values()) if (entry.checkpointId === checkpointId) return entry;
    return undefined;
  }
}
