import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { discoveryUrl, getJson } from './get-json';
import { isTrusted, type IssuerSettings } from './issuer-settings';
import { loadJose, type Jose } from './load-jose';

export type KeySet = ReturnType<Jose['createLocalJWKSet']>;

export interface IssuerKeysOptions {
  readonly log: { warn(fields: object, message: string): void };
  /** Milliseconds of a steady clock. */
  readonly now?: () => number;
}

/** Keys this old are fetched anew, behind the backs of those who use them. */
const FRESH_MS = 5 * 60_000;
/** Keys this old are used no longer: who is away for so long cannot take a key back. */
const STALE_MS = 24 * 3600_000;
/** Between two fetches, whatever tokens ask for: made-up key ids must not become requests to the issuer. */
const COOLDOWN_MS = 10_000;

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.string() });
const jwksSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

/** The public keys of one issuer, in memory. Once there, they are never waited for. */
export class IssuerKeys {
  #set: KeySet | undefined;
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #fetching: Promise<void> | undefined;
  readonly #now: () => number;

  constructor(
    private readonly settings: Pick<IssuerSettings, 'issuer' | 'jwksUri'>,
    private readonly options: IssuerKeysOptions,
  ) {
    this.#now = options.now ?? (() => performance.now());
  }

  /** @throws PlatformError unavailable when there are none yet, or too old ones, and the issuer gives none */
  async keySet(): Promise<KeySet> {
    const age = this.#now() - this.#fetchedAt;
    if (this.#set && age < STALE_MS) {
      if (age > FRESH_MS) void this.#fetch();
      return this.#set;
    }
    await this.#fetch();
    if (this.#set && this.#now() - this.#fetchedAt < STALE_MS) return this.#set;
    throw new PlatformError(
      'unavailable',
      `The keys of the issuer ${this.settings.issuer} cannot be fetched just now`,
      {
        retryAfterSeconds: Math.ceil(COOLDOWN_MS / 1000),
      },
    );
  }

  /** For a token signed by a key that is not among them: newer ones, or undefined when there are none. */
  async newer(than: KeySet): Promise<KeySet | undefined> {
    await this.#fetch();
    return this.#set === than ? undefined : this.#set;
  }

  /** One fetch at a time and cooldown; a failure leaves what was there. */
  async #fetch(): Promise<void> {
    if (this.#fetching) return this.#fetching;
    if (this.#now() - this.#triedAt < COOLDOWN_MS) return;
    this.#triedAt = this.#now();
    this.#fetching = this.#load()
      .catch((error: unknown) => {
        this.options.log.warn({ err: error, issuer: this.settings.issuer }, 'The keys of an issuer cannot be fetched');
      })
      .finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  async #load(): Promise<void> {
    const { createLocalJWKSet } = await loadJose();
    const jwks = jwksSchema.parse(await getJson(this.settings.jwksUri ?? (await this.#discover())));
    this.#set = createLocalJWKSet(jwks);
    this.#fetchedAt = this.#now();
  }

  /** @throws PlatformError unavailable when the document is another issuer's, or sends elsewhere without TLS */
  async #discover(): Promise<string> {
    const { issuer } = this.settings;
    const found = discoverySchema.parse(await getJson(discoveryUrl(issuer)));
    if (found.issuer === issuer && isTrusted(found.jwks_uri)) return found.jwks_uri;
    throw new PlatformError('unavailable', `The discovery document of ${issuer} is that of ${found.issuer}, or its keys are not at an https address`); // prettier-ignore
  }
}
