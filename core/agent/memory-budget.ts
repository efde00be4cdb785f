import { WakeList } from './wake-list';

/** What the node has promised its instances, against what it may promise. Bytes. */
export class MemoryBudget {
  readonly capacity: number;
  readonly #queue = new WakeList();
  #committed = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get committed(): number {
    return this.#committed;
  }

  /** Negative while instances end whose memory is already promised to a start that waits for their end. */
  get free(): number {
    return this.capacity - this.#committed;
  }

  commit(bytes: number): void {
    this.#committed += bytes;
  }

  release(bytes: number): void {
    this.#committed -= bytes;
    this.changed();
  }

  /** Calls `wake` once when memory may be had: some was given back, or an instance became idle and can be evicted. */
  whenChanged(wake: () => void): void {
    this.#queue.enter(wake);
  }

  changed(): void {
    this.#queue.wake(() => true);
  }
}
