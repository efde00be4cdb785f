import type { Logger } from 'pino';
import { isPlatformError } from '../../core/error/platform-error';
import { LOST_AFTER_MS } from '../../core/node/node-state';
import type { KubernetesNode } from '../../drivers/cluster/kubernetes/kubernetes-node';
import { retireNode } from '../../drivers/store/retire-node';
import type { NodeRecord } from '../../drivers/store/node-store';
import type { Store } from '../../drivers/store/store';
import { LookLoop } from './look-loop';

export interface KubernetesNodeWatchOptions {
  readonly store: Pick<
    Store,
    'nodes' | 'setNodeState' | 'describeNode' | 'writeEvents' | 'removeNode' | 'instances' | 'upsertInstances'
  >;
  /** The nodes as Kubernetes knows them, by name. */
  readonly nodes: () => Promise<readonly KubernetesNode[]>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Starts the workflow that empties a node. It may be called again for one. */
  readonly drain: (node: string, why: string) => Promise<unknown>;
  readonly now: () => Date;
  readonly everyMs?: number;
}

/** Begins the reason of everything that was decided here: only that is taken back here. */
const OURS = 'kubernetes: ';
/** What no change has told of, such as an agent that came after its node. */
const LOOK_MS = 5_000;
/** By then whatever was on a lost node has found another or been told as stuck. */
const FORGET_MS = 15 * 60_000;

/**
 * What Kubernetes wants of nodes becomes what the platform decides: a node that takes no more pods is cordoned, one that is to go is
 * drained, one that works again is uncordoned, unless a person has decided otherwise here. Compared are states, not changes, so that nothing is missed
 * while this worker is away, and it does not matter how often anything is told.
 */
export class KubernetesNodeWatch {
  /** Drains that were begun for what Kubernetes wants now: one that got stuck is begun anew by a person, or when it is wanted again. */
  readonly #drains = new Map<string, string>();
  readonly #loop: LookLoop;

  constructor(private readonly options: KubernetesNodeWatchOptions) {
    this.#loop = new LookLoop({
      everyMs: options.everyMs ?? LOOK_MS,
      look: () => this.#lookOnce(),
      failed: (error) => options.log.warn({ err: error }, 'The nodes of Kubernetes cannot be followed'),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Something has changed. */
  look(): void {
    void this.#loop.look();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #lookOnce(): Promise<void> {
    const { store, nodes } = this.options;
    // In this order: a decision of another worker that is read here was made of what is known here as well.
    const records = await store.nodes();
    const known = await nodes();
    const byName = new Map(known.map((node) => [node.name, node]));
    for (const record of records) {
      const node = byName.get(record.name);
      if (node) {
        const { tier, region, labels } = node;
        await store.describeNode(record.name, { tier, region, labels });
        await this.#follow(record, node.wish, node.why);
      } else if (record.described) await this.#gone(record);
      // Else it never was of Kubernetes: an agent elsewhere that has joined.
    }
  }

  /** Its functions are moved as those of any node that is drained or lost; then nobody needs to hear of it any more. */
  async #gone(record: NodeRecord): Promise<void> {
    const { store, now } = this.options;
    const silent = record.silentMs > LOST_AFTER_MS;
    if (!silent) await this.#follow(record, 'drain', 'gone');
    else if (record.intent === 'drained' || record.silentMs > FORGET_MS) await retireNode(store, record.name, now());
  }

  async #follow(record: NodeRecord, wish: KubernetesNode['wish'], why: string): Promise<void> {
    const { name, intent, reason } = record;
    try {
      if (wish !== 'drain') this.#drains.delete(name);
      if (wish === 'drain') await this.#drain(record, why);
      else if (wish === 'cordon' && intent === 'ready') await this.#decide(record, 'cordoned', why);
      else if (wish === 'work' && intent !== 'ready' && reason?.startsWith(OURS))
        await this.#decide(record, 'ready', '');
    } catch (error) {
      // Somebody has decided something else between the look and now.
      if (!isPlatformError(error) || error.code !== 'precondition_failed') throw error;
    }
  }

  async #drain({ name, intent }: NodeRecord, why: string): Promise<void> {
    if (intent === 'draining' || intent === 'drained' || this.#drains.get(name) === why) return;
    await this.options.drain(name, `${OURS}${why}`);
    this.#drains.set(name, why);
    this.options.log.info({ event: 'node.drain-wanted', node: name, why }, 'Kubernetes wants a node to be emptied');
  }

  async #decide({ name, intent }: NodeRecord, to: 'cordoned' | 'ready', why: string): Promise<void> {
    const { store, log, now } = this.options;
    const reason = to === 'ready' ? null : `${OURS}${why}`;
    await store.setNodeState(name, to, { reason, onlyIf: [intent] });
    const type = to === 'ready' ? 'node.uncordoned' : 'node.cordoned';
    await store.writeEvents([
      { at: now(), tenant: null, type, function: null, node: name, data: { reason, before: intent } },
    ]);
    log.info({ event: type, node: name, reason }, 'Kubernetes has changed what a node may do');
  }
}
