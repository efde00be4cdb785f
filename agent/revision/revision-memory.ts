import path from 'node:path';
import { z } from 'zod';
import { REMOVAL_REASONS, type RemovalReason } from '../../core/agent/instance-state';
import type { RunSpec } from '../../core/function/run-spec';
import type { StartFacts } from '../../core/start/start-cause';
import type { AgentLog } from '../agent-log';
import { DurableJson } from './durable-json';

const entrySchema = z.object({
  revisionId: z.string(),
  functionId: z.string(),
  served: z.boolean(),
  lastRemoval: z.enum(REMOVAL_REASONS).nullable(),
  /** Instances that live on this node. */
  alive: z.number().default(0),
  /** Those that went with the node and that none has replaced since. */
  lost: z.number().default(0),
});
type Entry = z.infer<typeof entrySchema>;

const MOST = 10_000;

/**
 * What happened to each revision on this node: whether it ever served, why its last instance ended, and how many went
 * with the node itself. Outlives the agent.
 */
export class RevisionMemory {
  readonly #entries = new Map<string, Entry>();
  readonly #functions = new Set<string>();
  readonly #file: DurableJson<Entry[]>;

  constructor(folder: string, log: AgentLog) {
    this.#file = new DurableJson(path.join(folder, 'revisions.json'), log, () => [...this.#entries.values()]);
  }

  /** All that lived when the agent before was last heard of count as lost, until `started` names those found again. */
  async open(): Promise<void> {
    for (const entry of (await this.#file.read(z.array(entrySchema))) ?? []) {
      this.#entries.set(entry.revisionId, { ...entry, lost: entry.lost + entry.alive, alive: 0 });
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

  /** An instance serves traffic from now on: new, or found again after a restart. */
  started(run: RunSpec): void {
    const entry = this.#entry(run);
    entry.alive += 1;
    entry.lost = Math.max(0, entry.lost - 1);
    this.#file.changed();
  }

  removed(run: RunSpec, reason: RemovalReason): void {
    const entry = this.#entry(run);
    entry.alive = Math.max(0, entry.alive - 1);
    // One that ends for a reason of its own is younger than those that were lost: they would have ended by now as well.
    entry.lost = reason === 'stopped' ? entry.lost + 1 : 0;
    entry.lastRemoval = reason;
    this.#file.changed();
  }

  facts(run: RunSpec): Pick<StartFacts, 'revisionSeen' | 'functionSeen' | 'lastRemoval' | 'lost'> {
    const entry = this.#entries.get(run.revisionId);
    return {
      revisionSeen: entry?.served ?? false,
      functionSeen: this.#functions.has(run.functionId),
      lastRemoval: entry?.lastRemoval ?? null,
      lost: entry?.lost ?? 0,
    };
  }

  flush(): Promise<void> {
    return this.#file.flush();
  }

  /** The entry, made new when missing, as the most recent one; the oldest makes room. */
  #entry(run: RunSpec): Entry {
    const { revisionId, functionId } = run;
    const entry = this.#entries.get(revisionId) ?? fresh(revisionId, functionId);
    this.#entries.delete(revisionId);
    this.#entries.set(revisionId, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }
}

function fresh(revisionId: string, functionId: string): Entry {
  return { revisionId, functionId, served: false, lastRemoval: null, alive: 0, lost: 0 };
}
