/** An issuer that people can log in with at the console; all of it is public. */
export interface ConsoleIssuer {
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: string;
  /** Which of the tokens the gateway takes. */
  readonly token: 'access_token' | 'id_token';
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
}

/** `GET /console/config.json`: what the console must know before anybody has logged in. */
export interface ConsoleConfig {
  readonly version: string;
  readonly issuers: readonly ConsoleIssuer[];
  /** Issuers that cannot be asked where to log in just now. */
  readonly unreachable: readonly string[];
}
