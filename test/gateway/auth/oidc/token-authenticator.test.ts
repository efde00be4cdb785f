import { createHmac } from 'node:crypto';
import { issuerSchema } from '../../../../gateway/auth/oidc/issuer-settings';
import { TokenAuthenticator } from '../../../../gateway/auth/oidc/token-authenticator';
import { LocalIssuer, newSigningKey, signToken } from './local-issuer';

let issuer: LocalIssuer;
let clock: { steady: number; date: number };
beforeEach(async () => {
  issuer = await new LocalIssuer().start();
  clock = { steady: 0, date: Date.now() };
});
afterEach(() => issuer.stop());

function authenticator(settings: object = {}, maxEntries = 100): TokenAuthenticator {
  const parsed = issuerSchema.parse({ issuer: issuer.url, audience: 'presage', ...settings });
  const log = { warn: () => undefined };
  return new TokenAuthenticator([parsed], { log, maxEntries, now: () => clock.steady, date: () => clock.date });
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

test('a token is verified once by the keys that discovery names, then known without a promise', async () => {
  const tokens = authenticator();
  const token = issuer.token();
  const [principal] = await Promise.all([tokens.authenticateCached(token), tokens.authenticateCached(token)]);
  expect(principal).toEqual({
    keyId: `${issuer.url}#ann`,
    credential: 'token',
    tenant: 'acme',
    scopes: ['deploy', 'read', 'invoke'],
  });
  expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  issuer.away = true;
  expect(tokens.authenticateCached(token)).toEqual(principal);
  expect(await tokens.authenticateCached(issuer.token({ sub: 'bob' }))).toMatchObject({ keyId: `${issuer.url}#bob` });
});

test('jwksUri makes discovery needless, and RSA keys do too', async () => {
  issuer.keys = [newSigningKey('RS256')];
  await authenticator({ jwksUri: `${issuer.url}/keys` }).authenticateCached(issuer.token());
  expect(issuer.asked).toEqual(['/keys']);
});

test.each<[string, (own: LocalIssuer) => string]>([
  ['has expired', (own) => own.token({ exp: Math.floor(Date.now() / 1000) - 31 })],
  ['its claim "exp"', (own) => own.token({ exp: undefined })],
  ['its claim "nbf"', (own) => own.token({ nbf: Math.floor(Date.now() / 1000) + 60 })],
  ['its claim "aud"', (own) => own.token({ aud: 'somebody-else' })],
  ['its claim "sub"', (own) => own.token({ sub: undefined })],
  ['is of an issuer that is not known', (own) => own.token({ iss: 'https://elsewhere.example' })],
  ['is of an issuer that is not known', (own) => own.token({ iss: undefined })],
  ['cannot be verified', (own) => own.token({}, { ...newSigningKey(), kid: own.keys[0]?.kid ?? '' })],
  ['cannot be verified', (own) => `${own.token().slice(0, -4)}AAAA`],
  ['cannot be read', () => 'a.b.c'],
  ['is too long', (own) => own.token({ filler: 'x'.repeat(20_000) })],
])('a token that %s is refused, and not repeated', async (reason, make) => {
  const token = make(issuer);
  const attempt = async () => authenticator().authenticateCached(token);
  const error = await attempt().catch((caught: Error) => caught);
  expect(error).toMatchObject({ code: 'unauthenticated', message: expect.stringContaining(reason) as string });
  expect((error as Error).message).not.toContain(token);
});

test('neither "none" nor a public key taken for a shared secret gets in', async () => {
  const [key] = issuer.keys;
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = encode(issuer.claims());
  const none = `${encode({ alg: 'none', kid: key?.kid })}.${body}.x`;
  const text = `${encode({ alg: 'HS256', kid: key?.kid })}.${body}`;
  const mac = createHmac('sha256', JSON.stringify(key?.publicJwk)).update(text).digest('base64url');
  for (const token of [none, `${text}.${mac}`]) {
    await expect(authenticator().authenticateCached(token)).rejects.toMatchObject({
      message: expect.stringContaining('not allowed') as string,
    });
  }
  const other = authenticator({ algorithms: ['RS256'] }).authenticateCached(issuer.token());
  await expect(other).rejects.toMatchObject({ message: expect.stringContaining('not allowed') as string });
  expect(issuerSchema.safeParse({ issuer: issuer.url, audience: 'a', algorithms: ['HS256'] }).success).toBe(false);
});

test('a known token ends when it expires, the clocks’ difference allowed for', async () => {
  const tokens = authenticator({ clockSkewSeconds: 10 });
  const token = issuer.token({ exp: Math.floor(clock.date / 1000) + 60 });
  await tokens.authenticateCached(token);
  clock.date += 65_000;
  expect(tokens.authenticateCached(token)).toMatchObject({ tenant: 'acme' });
  clock.date += 6_000;
  await expect(tokens.authenticateCached(token)).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('a new key of the issuer is found at once; made-up key ids cost it one request in ten seconds', async () => {
  const tokens = authenticator();
  await tokens.authenticateCached(issuer.token());
  clock.steady = 11_000;
  issuer.keys = [newSigningKey(), ...issuer.keys];
  expect(await tokens.authenticateCached(issuer.token({ sub: 'new' }))).toMatchObject({ tenant: 'acme' });
  const before = issuer.asked.length;
  for (let i = 0; i < 5; i++) {
    const made = signToken(newSigningKey(), issuer.claims());
    await expect(tokens.authenticateCached(made)).rejects.toMatchObject({ code: 'unauthenticated' });
  }
  expect(issuer.asked.length).toBe(before);
});

test('a key that was taken back ends its tokens within minutes, and nobody waits for the news', async () => {
  const tokens = authenticator();
  const token = issuer.token();
  await tokens.authenticateCached(token);
  issuer.keys = [newSigningKey()];
  clock.steady += 5 * 60_000 + 1;
  clock.date += 5 * 60_000 + 1;
  const during = await tokens.authenticateCached(token);
  expect(during).toMatchObject({ tenant: 'acme' });
  await settle();
  clock.date += 5 * 60_000 + 1;
  await expect(tokens.authenticateCached(token)).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('an issuer that is away: known keys serve for a day, unknown ones are 503', async () => {
  const tokens = authenticator();
  await tokens.authenticateCached(issuer.token());
  issuer.away = true;
  clock.steady += 23 * 3600_000;
  expect(await tokens.authenticateCached(issuer.token({ sub: 'b' }))).toMatchObject({ tenant: 'acme' });
  await settle();
  clock.steady += 2 * 3600_000;
  const unavailable = { code: 'unavailable', status: 503 };
  await expect(tokens.authenticateCached(issuer.token({ sub: 'c' }))).rejects.toMatchObject(unavailable);
  await expect(authenticator().authenticateCached(issuer.token())).rejects.toMatchObject(unavailable);
});

test('a discovery document of another issuer, or one that sends elsewhere, is not believed', async () => {
  for (const discovery of [{ issuer: 'https://evil.example' }, { jwks_uri: 'http://10.0.0.1/keys' }, { jwks_uri: 1 }]) {
    issuer.discovery = discovery;
    await expect(authenticator().authenticateCached(issuer.token())).rejects.toMatchObject({ code: 'unavailable' });
  }
});

test('a flood of good tokens does not grow the cache', async () => {
  const tokens = authenticator({}, 3);
  const first = issuer.token({ sub: 'first' });
  await tokens.authenticateCached(first);
  for (let i = 0; i < 3; i++) await tokens.authenticateCached(issuer.token({ sub: `s${i}` }));
  expect(tokens.authenticateCached(first)).toBeInstanceOf(Promise);
});
