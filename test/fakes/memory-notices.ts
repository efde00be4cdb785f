import type { Store } from '../../drivers/store/store';

type Topic = Parameters<Store['subscribe']>[0];

/** Tells subscribers of changes, a moment later, as a database would. */
export class MemoryNotices {
  readonly #listeners = new Map<Topic, Set<(payload: string) => void>>();

  /** How many subscriptions stand: a test sees that none is left behind. */
  get size(): number {
    return [...this.#listeners.values()].reduce((sum, listeners) => sum + listeners.size, 0);
  }

  tell(topic: Topic, payloads: Iterable<string>): void {
    for (const payload of new Set(payloads)) {
      setImmediate(() => {
        for (const listener of this.#listeners.get(topic) ?? []) {
          try {
            listener(payload);
          } catch {
            // A subscriber's bug is its own.
          }
        }
      });
    }
  }

  subscribe: Store['subscribe'] = async (topic, listener) => {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners);
    const own = (payload: string): void => listener(payload);
    listeners.add(own);
    return async () => void listeners.delete(own);
  };
}
