import type { IncomingHttpHeaders } from 'node:http';
import { hashApiKey } from '../../core/crypto/api-key';
import { PlatformError } from '../../core/error/platform-error';
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
}

interface Entry {
  readonly principal: Principal | null;
  /** Ask the store again after this. */
  readonly freshUntil: number;
}

/**
 * Knows who asks by their API key. Answers come from a bounded cache, so that a request on the hot path costs one hash;
 * a store that is away locks nobody out who was known just before.
 */
export class KeyAuthenticator implements Authenticator {
  readonly #cache = new Map<string, Entry>();
  readonly #asking = new Map<string, Promise<Principal | null>>();
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
        hint: 'Send it as "Authorization: Bearer psk_…" or "x-api-key: psk_…".',
      });
    }
    const hash = hashApiKey(key);
    const entry = this.#cache.get(hash);
    if (entry && this.#options.now() < entry.freshUntil) return accepted(entry.principal);
    return this.#ask(hash, entry).then(accepted);
  }

  /** One question per key at a time, however many requests wait for its answer. */
  #ask(hash: string, stale: Entry | undefined): Promise<Principal | null> {
    let asking = this.#asking.get(hash);
    if (!asking) {
      asking = this.#lookUp(hash, stale).finally(() => this.#asking.delete(hash));
      this.#asking.set(hash, asking);
    }
    return asking;
  }

  async #lookUp(hash: string, stale: Entry | undefined): Promise<Principal | null> {
    try {
      const found = await this.store.findApiKey(hash);
      const principal = found && { keyId: found.id, tenant: found.tenant, scopes: found.scopes };
      this.#remember(hash, principal);
      return principal;
    } catch (error) {
      if (stale?.principal && this.#options.now() < stale.freshUntil + this.#options.staleMs) return stale.principal;
      throw new PlatformError('unavailable', 'The API key cannot be checked just now', {
        cause: error,
        retryAfterSeconds: 1,
      });
    }
  }

  #remember(hash: string, principal: Principal | null): void {
    this.#cache.delete(hash);
    if (this.#cache.size >= this.#options.maxEntries) {
      const oldest = this.#cache.keys().next();
      if (!oldest.done) this.#cache.delete(oldest.value);
    }
    const ttl = principal ? this.#options.ttlMs : this.#options.negativeTtlMs;
    this.#cache.set(hash, { principal, freshUntil: this.#options.now() + ttl });
  }
}

function accepted(principal: Principal | null): Principal {
  if (principal) return principal;
  throw new PlatformError('unauthenticated', 'The API key is not known or was revoked', {
    hint: 'See your keys with GET /v1/keys, or make a new one.',
  });
}
