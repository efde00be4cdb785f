import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PlatformError } from '../../core/error/platform-error';
import type { ApiContext } from '../api/api-context';
import type { ConsoleConfig } from './console-config';
import { ENCODINGS, readConsole, type ConsoleFile } from './console-files';
import { LoginIssuers } from './login-issuers';

const BASE = '/console';
/** Named by what is in them. */
const HASHED = 'assets/';
const PAGE = 'index.html';
const FOREVER = 'public, max-age=31536000, immutable';

/**
 * Serves the console's files to everybody; what they show comes from the API, which asks for a key. A path that is no file is
 * one of the console's own pages.
 */
export function consoleRoutes(
  app: FastifyInstance,
  { folder, issuers }: NonNullable<ApiContext['console']>,
  { version, now, log }: Pick<ApiContext, 'version' | 'now' | 'log'>,
): void {
  const logins = new LoginIssuers(issuers, { now, log });
  let reading: ReturnType<typeof readConsole> | undefined;
  const files = (): ReturnType<typeof readConsole> =>
    (reading ??= readConsole(folder).catch((error: unknown) => {
      reading = undefined;
      throw error;
    }));

  app.get(BASE, (_request, reply) => reply.redirect(`${BASE}/`, 308));

  app.get(`${BASE}/config.json`, async (_request, reply): Promise<ConsoleConfig> => {
    void reply.header('cache-control', 'no-store');
    return { version: version.version, ...(await logins.find()) };
  });

  app.get<{ Params: { '*': string } }>(`${BASE}/*`, async (request, reply) => {
    const name = request.params['*'];
    const all = await files();
    const file = all.get(name);
    // The page itself comes with its policy, by whatever name.
    if (file && name !== PAGE) {
      void reply.header('cache-control', name.startsWith(HASHED) ? FOREVER : 'no-cache');
      return send(file, request, reply);
    }
    if (name.startsWith(HASHED)) {
      throw new PlatformError('not_found', `There is no ${BASE}/${name}.`, {
        hint: 'The console may be another since the page was loaded: load it again.',
      });
    }
    const { issuers: known } = await logins.find();
    void reply.headers({
      'cache-control': 'no-cache',
      'content-security-policy': policyOf(known.map(({ tokenEndpoint }) => new URL(tokenEndpoint).origin)),
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    return send(all.get(PAGE) as ConsoleFile, request, reply);
  });
}

/** Nothing but what the gateway itself serves; answers come from it too, and tokens from where people log in. */
function policyOf(origins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    ['connect-src', "'self'", ...new Set(origins)].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function send(file: ConsoleFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.headers({
    'content-type': file.type,
    etag: file.etag,
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
  });
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  const accepted = acceptedOf(request.headers['accept-encoding'] ?? '');
  for (const encoding of Object.keys(ENCODINGS) as (keyof typeof ENCODINGS)[]) {
    const packed = file.packed[encoding];
    if (packed && accepted.has(encoding)) return reply.header('content-encoding', encoding).send(packed);
  }
  return reply.send(file.plain);
}

/** The encodings that a caller takes; one with `q=0` is one that it does not. */
function acceptedOf(header: string): ReadonlySet<string> {
  const named = header.split(',').map((part) =>
    part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*q=/),
  );
  return new Set(
    named.filter(([, quality]) => quality === undefined || Number(quality) > 0).map(([name = '']) => name),
  );
}
