import type { IdentityStore } from '../../drivers/store/identity-store';

/** Between two writes. A use is known to about this. */
const FLUSH_MS = 15_000;

export interface KeyUsesOptions {
  readonly store: Pick<IdentityStore, 'touchApiKeys'>;
  readonly log: { warn(fields: object, message: string): void };
  readonly flushMs?: number;
}

/**
 * When each key was used last, written in batches: noting one costs a write to a map, and never waits. As many entries
 * as there are keys in use; while the store is away they wait, and a newer use takes an older one's place.
 */
export class KeyUses {
  #uses = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly options: KeyUsesOptions) {
    this.#timer = setInterval(() => void this.flush(), options.flushMs ?? FLUSH_MS);
    this.#timer.unref();
  }

  /** @param at Unix milliseconds */
  note(keyId: string, at: number): void {
    this.#uses.set(keyId, at);
  }

  async flush(): Promise<void> {
    if (this.#uses.size === 0) return;
    const written = this.#uses;
    this.#uses = new Map();
    try {
      await this.options.store.touchApiKeys([...written].map(([id, at]) => ({ id, at: new Date(at) })));
    } catch (error) {
      this.options.log.warn({ err: error, keys: written.size }, 'The last uses of keys wait for the store');
      this.#uses = new Map([...written, ...this.#uses]);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
