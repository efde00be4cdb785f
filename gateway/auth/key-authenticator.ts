import type { IncomingHttpHeaders } from 'node:http';
import { hashApiKey } from '../../core/crypto/api-key';
import { PlatformError } from '../../core/error/platform-error';
import type { KnownApiKey } from '../../drivers/store/identity-store';
import type { Store } from '../../drivers/store/store';
import type { Authenticator, Principal } from '../api/api-context';
import { apiKeyOf } from './api-key-header';

export interface KeyAuthenticatorOptions {
  /** How long a known key is believed without asking again, in milliseconds: the delay of a revocation. Default 10 s. */
  readonly ttlMs?: number;
  /** How long an unknown key is refused without asking again. Default 2 s. */
  readonly negativeTtlMs?: number;
  /** While the store is away, known keys stay good for this long past `ttlMs`. Default 5 min. */
  readonly staleMs?: number;
  /** Bound of the cache. Default 10,000 keys. */
  readonly maxEntries?: number;
  /** Milliseconds of a steady clock. */
  readonly now?: () => number;
  /** Unix milliseconds: what keys expire by. */
  readonly date?: () => number;
  /** Told of each accepted key; it must be quick and not throw. */
  readonly used?: (keyId: string, at: number) => void;
}

interface Entry {
  readonly principal: Principal | null;
  /** Ask the store again after this. */
  readonly freshUntil: number;
  /** Unix milliseconds from which the key is good no longer, whatever else. */
  readonly validUntil: number;
}

/**
 * Knows who asks by their API key. Answers come from a bounded cache, so that a request on the hot path costs one hash;
 * a store that is away locks nobody out who was known just before.
 */
export class KeyAuthenticator implements Authenticator {
  readonly #cache = new Map<string, Entry>();
  readonly #asking = new Map<string, Promise<Entry>>();
  readonly #options: Required<KeyAuthenticatorOptions>;

  constructor(
    private readonly store: Pick<Store, 'findApiKey'>,
    options: KeyAuthenticatorOptions = {},
  ) {
    this.#options = {
      ttlMs: 10_000,
      negativeTtlMs: 2_000,
      staleMs: 300_000,
      maxEntries: 10_000,
      now: () => performance.now(),
      date: Date.now,
      used: () => undefined,
      ...options,
    };
  }

  /** @throws PlatformError unauthenticated; unavailable when the key is not known here and the store is away */
  async authenticate(headers: IncomingHttpHeaders): Promise<Principal> {
    const known = this.authenticateCached(headers);
    return known instanceof Promise ? await known : known;
  }

  /** As `authenticate`, but without a promise where the cache has the answer: the hot path's door. */
  authenticateCached(headers: IncomingHttpHeaders): Principal | Promise<Principal> {
    const key = apiKeyOf(headers);
    if (key === undefined) {
      throw new PlatformError('unauthenticated', 'This needs an API key', {
        hint: 'Send it as "Authorization: Bearer psk_…" or "x-api-key: psk_…"; tokens only where auth.issuers is configured.',
      });
    }
    const hash = hashApiKey(key);
    const entry = this.#cache.get(hash);
    if (entry && this.#options.now() < entry.freshUntil) return this.#accepted(entry);
    return this.#ask(hash, entry).then((answer) => this.#accepted(answer));
  }

  /** One question per key at a time, however many requests wait for its answer. */
  #ask(hash: string, stale: Entry | undefined): Promise<Entry> {
    let asking = this.#asking.get(hash);
    if (!asking) {
      asking = this.#lookUp(hash, stale).finally(() => this.#asking.delete(hash));
      this.#asking.set(hash, asking);
    }
    return asking;
  }

  async #lookUp(hash: string, stale: Entry | undefined): Promise<Entry> {
    try {
      return this.#remember(hash, await this.store.findApiKey(hash));
    } catch (error) {
      if (stale?.principal && this.#options.now() < stale.freshUntil + this.#options.staleMs) return stale;
      throw new PlatformError('unavailable', 'The API key cannot be checked just now', {
        cause: error,
        retryAfterSeconds: 1,
      });
    }
  }

  #remember(hash: string, found: KnownApiKey | null): Entry {
    this.#cache.delete(hash);
    if (this.#cache.size >= this.#options.maxEntries) {
      const oldest = this.#cache.keys().next();
      if (!oldest.done) this.#cache.delete(oldest.value);
    }
    const ttl = found ? this.#options.ttlMs : this.#options.negativeTtlMs;
    const entry: Entry = {
      principal: found && { keyId: found.id, credential: 'key', tenant: found.tenant, scopes: found.scopes },
      freshUntil: this.#options.now() + ttl,
      validUntil: found?.validUntil?.getTime() ?? Infinity,
    };
    this.#cache.set(hash, entry);
    return entry;
  }

  #accepted({ principal, validUntil }: Entry): Principal {
    const at = this.#options.date();
    if (!principal || at >= validUntil) throw unknownKey();
    this.#options.used(principal.keyId, at);
    return principal;
  }
}

function unknownKey(): PlatformError {
  return new PlatformError('unauthenticated', 'The API key is not known, has expired or was revoked', {
    hint: 'See your keys with GET /v1/keys, or make a new one.',
  });
}
