import { HEARTBEAT_MS, type NodeIntent } from '../core/node/node-state';
import type { NodeBeat, NodeStore } from '../drivers/store/node-store';
import type { EventRecord } from '../drivers/store/store';
import type { AgentLog } from './agent-log';

export interface NodeHeartbeatOptions {
  readonly beat: NodeBeat;
  readonly store: Pick<NodeStore, 'beatNode'>;
  /** Told at each heartbeat what was decided for the node. */
  readonly follow: (intent: NodeIntent) => void;
  readonly event: (event: Omit<EventRecord, 'id'>) => void;
  readonly log: AgentLog;
  readonly everyMs?: number;
}

/** Says over and over that the node is there and what it has, and hears what was decided for it. */
export class NodeHeartbeat {
  readonly #options: NodeHeartbeatOptions;
  readonly #timer: NodeJS.Timeout;
  #beating: Promise<void> | undefined;
  #away = false;
  #removed = false;

  /** Begins at once. */
  constructor(options: NodeHeartbeatOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#next(), options.everyMs ?? HEARTBEAT_MS);
    this.#timer.unref();
    this.#next();
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
  }

  #next(): void {
    this.#beating ??= this.#beat().finally(() => (this.#beating = undefined));
  }

  async #beat(): Promise<void> {
    const { beat, store, follow, event, log } = this.#options;
    const { name, tier, region, address } = beat;
    try {
      const { intent, came } = await store.beatNode(beat);
      if (this.#away) log.info({ node: name }, 'the store hears the node again');
      this.#away = false;
      if (came) {
        const type = came === 'new' ? 'node.joined' : 'node.returned';
        event({ at: new Date(), tenant: null, type, function: null, node: name, data: { tier, region, address } });
      }
      if (intent !== 'removed') follow(intent);
      else if (!this.#removed)
        log.warn({ node: name }, 'the node was taken out of the platform: a new agent brings it back');
      this.#removed = intent === 'removed';
    } catch (error) {
      if (!this.#away) log.warn({ node: name, error: String(error) }, 'the store does not hear the node');
      this.#away = true;
    }
  }
}
