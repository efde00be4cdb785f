import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LocalIssuer } from '../../gateway/auth/oidc/local-issuer';

export const CLIENT_ID = 'presage-console';

interface Grant {
  readonly challenge: string;
  readonly redirect: string;
  readonly claims: object;
}

/**
 * An issuer where a person logs in: authorization code with PKCE for one public client, as RFC 6749 and 7636 have it. Its
 * page asks only who one is; nobody has a password.
 */
export class LoginIssuer extends LocalIssuer {
  /** Claims by the name that a person gives. */
  people: Readonly<Record<string, object>> = {};
  /** The console's address, once it is known: no other may be returned to. */
  origin = '';
  /** Seconds that its access tokens last. */
  lasts = 600;
  readonly #codes = new Map<string, Grant>();
  readonly #refreshes = new Map<string, object>();

  protected override answers(request: IncomingMessage, response: ServerResponse): boolean {
    const url = new URL(request.url ?? '/', this.url);
    if (url.pathname === '/authorize') this.#authorize(url, request, response);
    else if (url.pathname === '/token') void this.#token(request, response);
    else return false;
    return true;
  }

  #authorize({ searchParams: asked }: URL, request: IncomingMessage, response: ServerResponse): void {
    const redirect = asked.get('redirect_uri') ?? '';
    const challenge = asked.get('code_challenge') ?? '';
    const proper =
      asked.get('response_type') === 'code' && asked.get('code_challenge_method') === 'S256' && challenge !== '';
    if (!proper || asked.get('client_id') !== CLIENT_ID || redirect !== `${this.origin}/console/callback`) {
      response.writeHead(400).end('this is no request of the console');
      return;
    }
    if (request.method === 'GET') {
      const choices = Object.keys(this.people).map((name) => `<button name="person" value="${name}">${name}</button>`);
      response.setHeader('content-type', 'text/html');
      response.end(
        `<!doctype html><title>Who are you?</title><form method="post">${choices.join('')}<button>nobody</button></form>`,
      );
      return;
    }
    void read(request).then((form) => {
      const claims = this.people[form.get('person') ?? ''];
      const back = new URL(redirect);
      back.searchParams.set('state', asked.get('state') ?? '');
      if (claims) {
        const code = randomUUID();
        this.#codes.set(code, { challenge, redirect, claims });
        back.searchParams.set('code', code);
      } else {
        back.searchParams.set('error', 'access_denied');
        back.searchParams.set('error_description', 'nobody logged in');
      }
      response.writeHead(303, { location: back.href }).end();
    });
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = await read(request);
    const claims = this.#granted(form);
    response.setHeader('access-control-allow-origin', this.origin);
    response.setHeader('content-type', 'application/json');
    if (!claims) {
      response.writeHead(400).end(JSON.stringify({ error: 'invalid_grant' }));
      return;
    }
    const refresh = randomUUID();
    this.#refreshes.set(refresh, claims);
    const exp = Math.floor(Date.now() / 1000) + this.lasts;
    const answer = {
      access_token: this.token({ ...claims, exp }),
      expires_in: this.lasts,
      refresh_token: refresh,
      token_type: 'Bearer',
    };
    response.end(JSON.stringify(answer));
  }

  /** Whose tokens the form is worth; each code and each refresh token is worth them once. */
  #granted(form: URLSearchParams): object | undefined {
    if (form.get('client_id') !== CLIENT_ID || form.has('client_secret')) return undefined;
    if (form.get('grant_type') === 'refresh_token') {
      const token = form.get('refresh_token') ?? '';
      const claims = this.#refreshes.get(token);
      this.#refreshes.delete(token);
      return claims;
    }
    const code = form.get('code') ?? '';
    const grant = this.#codes.get(code);
    this.#codes.delete(code);
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    return grant && grant.challenge === proof && grant.redirect === form.get('redirect_uri') ? grant.claims : undefined;
  }
}

async function read(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}
