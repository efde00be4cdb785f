import { issuerSchema } from '../../../gateway/auth/oidc/issuer-settings';
import { TokenAuthenticator } from '../../../gateway/auth/oidc/token-authenticator';
import { LocalIssuer } from '../auth/oidc/local-issuer';
import { FakeAgent } from '../fake-agent';
import { startHarness, type Harness } from '../gateway-harness';

let issuer: LocalIssuer;
let harness: Harness;
beforeAll(async () => {
  issuer = await new LocalIssuer().start();
  const settings = issuerSchema.parse({ issuer: issuer.url, audience: 'presage' });
  const tokens = new TokenAuthenticator([settings], { log: { warn: () => undefined } });
  const agent = new FakeAgent((request, response) => response.end(request.headers.authorization ?? 'nothing'));
  harness = await startHarness({}, { agent, tokens });
});
afterAll(async () => {
  await harness.close();
  await issuer.stop();
});
const call = (name: string, token: string, more: Record<string, string> = {}) =>
  harness.call(`/fn/acme/${name}`, { headers: { authorization: `Bearer ${token}`, ...more } });

test('a token that may invoke is used up by the platform, known or new', async () => {
  const token = issuer.token();
  expect(await call('private', token)).toMatchObject({ status: 200, body: 'nothing' });
  expect(await call('private', token)).toMatchObject({ status: 200, body: 'nothing' });
});

test('a public function gets the authorization as it came, whoever issued it', async () => {
  const token = issuer.token({ tenant: 'other' });
  expect(await call('f', token)).toMatchObject({ status: 200, body: `Bearer ${token}` });
  expect(await call('f', 'a.b.c')).toMatchObject({ status: 200, body: 'Bearer a.b.c' });
});

test('beside a key of ours a token is the function’s own', async () => {
  const token = issuer.token();
  expect(await call('private', token, { 'x-api-key': 'psk_invoke' })).toMatchObject({
    status: 200,
    body: `Bearer ${token}`,
  });
});

test.each([
  ['another tenant’s', { tenant: 'other', roles: ['admin'] }, 403],
  ['a viewer’s', { roles: ['viewer'] }, 403],
  ['one without roles', { roles: [] }, 403],
  ['an expired one', { exp: 1 }, 401],
])('%s is refused', async (_, claims, status) => {
  const answer = await call('private', issuer.token(claims));
  expect(answer.status).toBe(status);
});
