import type { IncomingHttpHeaders } from 'node:http';
import type { Authenticator, Principal } from '../api/api-context';
import { apiKeyOf, tokenOf } from './api-key-header';
import type { KeyAuthenticator } from './key-authenticator';
import type { TokenAuthenticator } from './oidc/token-authenticator';

/** Knows who asks by an API key, else by a token where the configuration names issuers. */
export class RequestAuthenticator implements Authenticator {
  constructor(
    private readonly keys: Pick<KeyAuthenticator, 'authenticateCached'>,
    private readonly tokens: Pick<TokenAuthenticator, 'authenticateCached'> | null,
  ) {}

  /** @throws PlatformError unauthenticated, forbidden; unavailable when neither cache nor source can tell */
  async authenticate(headers: IncomingHttpHeaders): Promise<Principal> {
    const known = this.authenticateCached(headers);
    return known instanceof Promise ? await known : known;
  }

  /** As `authenticate`, but without a promise where the caller is known already: the hot path's door. */
  authenticateCached(headers: IncomingHttpHeaders): Principal | Promise<Principal> {
    const token = this.tokens && apiKeyOf(headers) === undefined ? tokenOf(headers) : undefined;
    return this.tokens && token !== undefined
      ? this.tokens.authenticateCached(token)
      : this.keys.authenticateCached(headers);
  }
}
