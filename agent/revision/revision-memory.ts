import path from 'node:path';
import { z } from 'zod';
import { REMOVAL_REASONS, type RemovalReason } from '../../core/agent/instance-state';
import type { RunSpec } from '../../core/function/run-spec';
import type { AgentLog } from '../agent-log';
import { DurableJson } from './durable-json';

const entrySchema = z.object({
  revisionId: z.string(),
  functionId: z.string(),
  served: z.boolean(),
  lastRemoval: z.enum(REMOVAL_REASONS).nullable(),
});
type Entry = z.infer<typeof entrySchema>;

const MOST = 10_000;

/** What happened to each revision on this node: whether it ever served, and why its last instance ended. Outlives the agent. */
export class RevisionMemory {
  readonly #entries = new Map<string, Entry>();
  readonly #functions = new Set<string>();
  readonly #file: DurableJson<Entry[]>;

  constructor(folder: string, log: AgentLog) {
    this.#file = new DurableJson(path.join(folder, 'revisions.json'), log, () => [...this.#entries.values()]);
  }

  async open(): Promise<void> {
    for (const entry of (await this.#file.read(z.array(entrySchema))) ?? []) {
      this.#entries.set(entry.revisionId, entry);
      if (entry.served) this.#functions.add(entry.functionId);
    }
  }

  served(run: RunSpec): void {
    const entry = this.#entry(run);
    if (entry.served) return;
    entry.served = true;
    this.#functions.add(run.functionId);
    this.#file.changed();
  }

  removed(run: RunSpec, reason: RemovalReason): void {
    this.#entry(run).lastRemoval = reason;
    this.#file.changed();
  }

  facts(run: RunSpec): { revisionSeen: boolean; functionSeen: boolean; lastRemoval: RemovalReason | null } {
    const entry = this.#entries.get(run.revisionId);
    return {
      revisionSeen: entry?.served ?? false,
      functionSeen: this.#functions.has(run.functionId),
      lastRemoval: entry?.lastRemoval ?? null,
    };
  }

  flush(): Promise<void> {
    return this.#file.flush();
  }

  /** The entry, made new when missing, as the most recent one; the oldest makes room. */
  #entry(run: RunSpec): Entry {
    const { revisionId, functionId } = run;
    const entry = this.#entries.get(revisionId) ?? { revisionId, functionId, served: false, lastRemoval: null };
    this.#entries.delete(revisionId);
    this.#entries.set(revisionId, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }
}
