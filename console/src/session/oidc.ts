import type { ConsoleIssuer } from '../../../gateway/console/console-config';
import { ApiError } from '../lib/api';
import { consoleConfig } from './console-config';
import type { Credential } from './credential';

/** Kept while the reader is at the issuer: which issuer it was, and what proves that the answer is ours. */
interface Departure {
  readonly issuer: string;
  readonly state: string;
  readonly verifier: string;
  /** Where the reader wanted to go. */
  readonly to: string;
}

type Token = Extract<Credential, { kind: 'token' }> & { readonly issuer: string };

const PLACE = 'presage.departure';
const CALLBACK = '/console/callback';

/** Sends the reader to the issuer to log in: authorization code with PKCE, without a secret. */
export async function leaveForLogin(issuer: ConsoleIssuer): Promise<void> {
  const departure = {
    issuer: issuer.issuer,
    state: randomText(),
    verifier: randomText(),
    to: location.pathname + location.search,
  };
  sessionStorage.setItem(PLACE, JSON.stringify(departure satisfies Departure));
  const url = new URL(issuer.authorizationEndpoint);
  const asked = {
    response_type: 'code',
    client_id: issuer.clientId,
    redirect_uri: location.origin + CALLBACK,
    scope: issuer.scopes,
    state: departure.state,
    code_challenge: await challengeOf(departure.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  location.assign(url);
}

/** Is this the way back from an issuer? */
export function comesFromIssuer(): boolean {
  return location.pathname === CALLBACK;
}

/** Trades the code in the address for tokens. Resolves with them and where the reader wanted to go. @throws ApiError */
export async function arrive(): Promise<{ credential: Token; to: string }> {
  const answer = new URLSearchParams(location.search);
  const departure = JSON.parse(sessionStorage.getItem(PLACE) ?? 'null') as Departure | null;
  sessionStorage.removeItem(PLACE);
  if (answer.has('error')) {
    throw failed(`The issuer answered: ${answer.get('error_description') ?? answer.get('error') ?? ''}.`);
  }
  const code = answer.get('code');
  if (!departure || code === null || answer.get('state') !== departure.state) {
    throw failed('This answer belongs to no login that was begun in this tab.');
  }
  const credential = await tokensOf(departure.issuer, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: location.origin + CALLBACK,
    code_verifier: departure.verifier,
  });
  return { credential, to: departure.to === CALLBACK ? '/console/' : departure.to };
}

/** New tokens for those that end; null where the issuer gives none. */
export async function renew(credential: Extract<Credential, { kind: 'token' }>): Promise<Credential | null> {
  const { issuer, refresh } = credential as Token;
  if (refresh === null) return null;
  return tokensOf(issuer, { grant_type: 'refresh_token', refresh_token: refresh }).catch(() => null);
}

async function tokensOf(name: string, form: Readonly<Record<string, string>>): Promise<Token> {
  const issuer = (await consoleConfig()).issuers.find((one) => one.issuer === name);
  if (!issuer) throw failed(`The gateway does not know the issuer ${name} any more.`);
  const response = await fetch(issuer.tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({ ...form, client_id: issuer.clientId }),
  }).catch(() => {
    throw failed(
      `${issuer.tokenEndpoint} cannot be reached from this browser; it must allow the origin ${location.origin}.`,
    );
  });
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const token = answer[issuer.token];
  if (!response.ok || typeof token !== 'string') {
    const why = answer['error_description'] ?? answer['error'] ?? `${response.status} without a token`;
    throw failed(`${name} gave no ${issuer.token}: ${typeof why === 'string' ? why : 'it did not say why'}.`);
  }
  const seconds = typeof answer['expires_in'] === 'number' ? answer['expires_in'] : 3600;
  const given = answer['refresh_token'];
  const refresh = typeof given === 'string' ? given : (form['refresh_token'] ?? null);
  return { kind: 'token', issuer: name, token, expiresAt: Date.now() + seconds * 1000, refresh };
}

function failed(detail: string): ApiError {
  return new ApiError(401, {
    title: 'The login did not succeed',
    detail,
    hint: 'Begin it again here, or use an API key.',
  });
}

function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

async function challengeOf(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
