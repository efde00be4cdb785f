import { generateKeyPairSync, randomUUID, sign, type JsonWebKey, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SigningKey {
  readonly kid: string;
  readonly alg: 'RS256' | 'ES256';
  readonly privateKey: KeyObject;
  readonly publicJwk: JsonWebKey & { kid: string; alg: string; use: string };
}

export function newSigningKey(alg: SigningKey['alg'] = 'ES256'): SigningKey {
  const { privateKey, publicKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomUUID();
  return { kid, alg, privateKey, publicJwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as any issuer makes it, by node's own cryptography. */
export function signToken(key: SigningKey, claims: object, header: object = {}): string {
  const text = `${encode({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(text), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

/** An OpenID Connect issuer on a loopback port: discovery and keys over real HTTP. */
export class LocalIssuer {
  keys: SigningKey[] = [newSigningKey()];
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  /** Set to answer with something else. */
  discovery: object = {};
  away = false;
  readonly #server: Server = createServer((request, response) => {
    this.asked.push(request.url ?? '');
    if (this.away) return void request.socket.destroy();
    if (this.answers(request, response)) return;
    const document = {
      issuer: this.url,
      jwks_uri: `${this.url}/keys`,
      authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`,
      ...this.discovery,
    };
    const body = request.url === '/keys' ? { keys: this.keys.map((key) => key.publicJwk) } : document;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });

  /** Takes requests before the documents do, where there is more to ask this issuer for. @returns whether it has */
  protected answers(_request: IncomingMessage, _response: ServerResponse): boolean {
    return false;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Claims of a good token, with some changed. */
  claims(change: object = {}): Record<string, unknown> {
    const now = Math.floor(Date.now() / 1000);
    return { iss: this.url, sub: 'ann', aud: 'presage', iat: now, exp: now + 600, tenant: 'acme', roles: ['deployer'], ...change }; // prettier-ignore
  }

  token(change: object = {}, key: SigningKey | undefined = this.keys[0]): string {
    if (!key) throw new Error('the issuer has no key');
    return signToken(key, this.claims(change));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
