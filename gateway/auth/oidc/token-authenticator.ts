import { createHash } from 'node:crypto';
import { isPlatformError, PlatformError } from '../../../core/error/platform-error';
import type { Principal } from '../../api/api-context';
import { IssuerKeys, type IssuerKeysOptions, type KeySet } from './issuer-keys';
import type { IssuerSettings } from './issuer-settings';
import { loadJose, type Jose } from './load-jose';
import { principalOf } from './token-principal';

export interface TokenAuthenticatorOptions extends IssuerKeysOptions {
  /** Bound of the cache. Default 10,000 tokens. */
  readonly maxEntries?: number;
  /** Unix milliseconds: what tokens expire by. */
  readonly date?: () => number;
}

interface Entry {
  readonly principal: Principal;
  /** Unix milliseconds. */
  readonly until: number;
}

/** A verified token is believed this long at most, so that a key its issuer took back ends its tokens too. */
const BELIEVED_MS = 5 * 60_000;
const MAX_TOKEN_LENGTH = 16 * 1024;

/**
 * Knows who asks by a token of a configured issuer. A token that was verified is known by its hash until it ends, so
 * that a request on the hot path costs one hash.
 */
export class TokenAuthenticator {
  readonly #cache = new Map<string, Entry>();
  readonly #issuers: ReadonlyMap<string, { readonly settings: IssuerSettings; readonly keys: IssuerKeys }>;
  readonly #date: () => number;

  constructor(
    issuers: readonly IssuerSettings[],
    private readonly options: TokenAuthenticatorOptions,
  ) {
    this.#issuers = new Map(
      issuers.map((settings) => [settings.issuer, { settings, keys: new IssuerKeys(settings, options) }]),
    );
    this.#date = options.date ?? Date.now;
  }

  /** Without a promise where the token is known. @throws PlatformError unauthenticated, forbidden, unavailable */
  authenticateCached(token: string): Principal | Promise<Principal> {
    if (token.length > MAX_TOKEN_LENGTH) throw refusal('is too long');
    const hash = createHash('sha256').update(token).digest('hex');
    const entry = this.#cache.get(hash);
    return entry && this.#date() < entry.until ? entry.principal : this.#verify(token, hash);
  }

  async #verify(token: string, hash: string): Promise<Principal> {
    const jose = await loadJose();
    const issuer = this.#issuers.get(issuerOf(jose, token));
    if (!issuer) throw refusal('is of an issuer that is not known here');
    const { settings, keys } = issuer;
    const verify = (set: KeySet) =>
      jose.jwtVerify(token, set, {
        issuer: settings.issuer,
        audience: settings.audience,
        algorithms: settings.algorithms,
        clockTolerance: settings.clockSkewSeconds,
        currentDate: new Date(this.#date()),
        requiredClaims: ['exp', 'sub'],
      });
    try {
      const set = await keys.keySet();
      const { payload } = await verify(set).catch(async (error: unknown) => {
        // Its issuer may have a new key.
        const newer = error instanceof jose.errors.JWKSNoMatchingKey ? await keys.newer(set) : undefined;
        if (!newer) throw error;
        return verify(newer);
      });
      const principal = principalOf(payload, settings);
      const ends = ((payload.exp ?? 0) + settings.clockSkewSeconds) * 1000;
      this.#remember(hash, { principal, until: Math.min(ends, this.#date() + BELIEVED_MS) });
      return principal;
    } catch (error) {
      throw isPlatformError(error) ? error : refusal(reasonOf(jose, error), error);
    }
  }

  #remember(hash: string, entry: Entry): void {
    this.#cache.delete(hash);
    if (this.#cache.size >= (this.options.maxEntries ?? 10_000)) {
      const oldest = this.#cache.keys().next();
      if (!oldest.done) this.#cache.delete(oldest.value);
    }
    this.#cache.set(hash, entry);
  }
}

/** What the token says, not yet believed: only to know whose keys to try. */
function issuerOf(jose: Jose, token: string): string {
  try {
    return jose.decodeJwt(token).iss ?? '';
  } catch (error) {
    throw refusal('cannot be read', error);
  }
}

function reasonOf({ errors }: Jose, error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `is not for here: its claim "${error.claim}" does not fit`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'is signed in a way that is not allowed';
  return 'cannot be verified';
}

function refusal(what: string, cause?: unknown): PlatformError {
  return new PlatformError('unauthenticated', `The token ${what}`, {
    cause,
    hint: 'Get a new one from its issuer; the configuration names under auth.issuers whose tokens are taken.',
  });
}
