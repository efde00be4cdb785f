import type { Logger } from 'pino';
import { LOST_AFTER_MS, nodeStateOf } from '../../core/node/node-state';
import type { Store } from '../../drivers/store/store';
import { LookLoop } from './look-loop';

export interface NodeWatchOptions {
  readonly store: Pick<Store, 'nodes' | 'noticeLostNodes' | 'writeEvents'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Moves away what was on a lost node. It may be called again for one. */
  readonly lost: (node: string) => Promise<unknown>;
  readonly everyMs?: number;
  /** How long the store must have answered before silence counts: agents need it too. */
  readonly graceMs?: number;
}

const LOOK_MS = 2_000;
/** Whoever was away with the store, or was started with this worker, has been heard again by then. */
const GRACE_MS = LOST_AFTER_MS + 5_000;

/** Notices nodes whose agents have fallen silent, says so, and has their functions moved. */
export class NodeWatch {
  /** Lost, and their functions' moves not begun yet. */
  readonly #open = new Set<string>();
  readonly #loop: LookLoop;
  #read = false;
  /** Since when the store answers, milliseconds of `performance.now()`; null while it does not. */
  #answersSince: number | null = null;

  constructor(private readonly options: NodeWatchOptions) {
    this.#loop = new LookLoop({
      everyMs: options.everyMs ?? LOOK_MS,
      look: () => this.#lookOnce(),
      failed: (error) => {
        this.#answersSince = null;
        options.log.warn({ err: error }, 'The nodes cannot be watched');
      },
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #lookOnce(): Promise<void> {
    const { store, log, lost } = this.options;
    const nodes = await store.nodes();
    this.#answersSince ??= performance.now();
    if (performance.now() - this.#answersSince < (this.options.graceMs ?? GRACE_MS)) return;
    for (const { name, tier, region, lastSeenAt } of await store.noticeLostNodes(LOST_AFTER_MS)) {
      this.#open.add(name);
      log.warn({ event: 'node.lost', node: name, lastSeenAt }, 'A node is lost');
      const data = { tier, region, lastSeenAt: lastSeenAt.toISOString() };
      await store.writeEvents([{ at: new Date(), tenant: null, type: 'node.lost', function: null, node: name, data }]);
    }
    if (!this.#read) {
      // One that was noticed before this worker came may have been left as it was.
      for (const node of nodes) if (node.lostAt !== null) this.#open.add(node.name);
      this.#read = true;
    }
    if (this.#open.size === 0) return;
    const states = new Map(
      (await store.nodes()).map(({ name, intent, silentMs }) => [name, nodeStateOf(intent, silentMs)]),
    );
    for (const name of this.#open) {
      try {
        if (states.get(name) === 'lost') await lost(name);
        this.#open.delete(name);
      } catch (error) {
        log.warn({ err: error, node: name }, 'What was on a lost node cannot be moved yet');
      }
    }
  }
}
