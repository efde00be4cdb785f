import type { ApiError } from '../lib/api';

/** What the console calls the API with: an API key, or tokens of an issuer. Kept until the tab is closed. */
export type Credential =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'token'; readonly token: string; readonly expiresAt: number; readonly refresh: string | null };

type Refresh = (credential: Extract<Credential, { kind: 'token' }>) => Promise<Credential | null>;

const PLACE = 'presage.credential';
/** A token that ends this soon is renewed before it is used. */
const RENEW_MS = 30_000;

const watchers = new Set<(refusal: ApiError | null) => void>();
let renewal: Promise<Credential | null> | undefined;
let refresh: Refresh = async () => null;

export function keptCredential(): Credential | null {
  const text = sessionStorage.getItem(PLACE);
  return text === null ? null : (JSON.parse(text) as Credential);
}

export function keepCredential(credential: Credential | null): void {
  if (credential === null) sessionStorage.removeItem(PLACE);
  else sessionStorage.setItem(PLACE, JSON.stringify(credential));
}

/** How tokens are renewed; null from it where they cannot be. */
export function renewWith(how: Refresh): void {
  refresh = how;
}

/** What goes into the authorization header; null without a session. */
export async function currentCredential(): Promise<string | null> {
  const kept = keptCredential();
  if (kept === null || kept.kind === 'key') return kept?.key ?? null;
  if (kept.refresh === null || kept.expiresAt - Date.now() > RENEW_MS) return kept.token;
  renewal ??= refresh(kept).finally(() => (renewal = undefined));
  const renewed = await renewal;
  if (renewed !== null) keepCredential(renewed);
  return renewed?.kind === 'token' ? renewed.token : kept.token;
}

/** The API has refused who is logged in: the session ends. */
export function refuseCredential(refusal: ApiError): void {
  if (keptCredential() === null) return;
  keepCredential(null);
  for (const watcher of watchers) watcher(refusal);
}

/** Calls `watcher` when the session ends by a refusal. Returns the end of it. */
export function watchRefusals(watcher: (refusal: ApiError | null) => void): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}
