import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newCertificateRequest } from '../../../core/node/certificate-request';
import { requireAuthority } from '../../../core/node/join-token';
import { SharedAuthority } from '../../../drivers/certificates/shared-authority';
import { SecretVault } from '../../../drivers/secrets/secret-vault';
import { sampleBeat } from '../../drivers/store/node-contract';
import { makeHarness, textOf, type Harness } from './api-harness';

let api: Harness;
beforeEach(async () => (api = await makeHarness()));
afterEach(() => api.close());

const invite = (payload: object = { node: 'far-1', region: 'us' }) =>
  api.call('POST', '/v1/nodes/join-tokens', { key: api.operatorKey, payload });
const join = (token: string, request: string) =>
  api.call('POST', '/nodes/join', { key: null, payload: { token, request } });
const newRequest = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return newCertificateRequest(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'whatever');
};

test('a token brings one certificate, bound to the node that it names', async () => {
  const invited = await invite();
  expect(invited.status).toBe(201);
  const token = textOf(invited.body['token']);
  const answer = await join(token, await newRequest());
  expect(answer.body).toMatchObject({ node: 'far-1', tier: 'edge', region: 'us' });
  const [own, authority] = [textOf(answer.body['certificate']), textOf(answer.body['authority'])];
  const certificate = new X509Certificate(own);
  expect(certificate.subject.split('\n')).toEqual(['CN=far-1', 'OU=presage-agent']);
  expect(certificate.subjectAltName).toBe('DNS:far-1.node.presage');
  expect(certificate.verify(new X509Certificate(authority).publicKey)).toBe(true);
  expect(() => requireAuthority(token, authority)).not.toThrow();
  expect(() => requireAuthority(token, own)).toThrow(expect.objectContaining({ code: 'forbidden' }));
  expect((await join(token, await newRequest())).status).toBe(403);
  expect(api.logged()).not.toContain(token);
});

test('a token that one gateway has made is good at another that keeps its files elsewhere', async () => {
  const folders = await Promise.all([1, 2].map(() => mkdtemp(path.join(tmpdir(), 'gateway-'))));
  const ring = { current: randomBytes(32), previous: [] };
  const { store } = api;
  const [one, other] = await Promise.all(
    folders.map((dataDir) => {
      const authority = new SharedAuthority({ store, vault: new SecretVault(store, ring), dataDir });
      return makeHarness({ store, authority: () => authority.ensure() });
    }),
  );
  if (!one || !other) throw new Error('two gateways were to be made');
  const invited = await one.call('POST', '/v1/nodes/join-tokens', { key: one.operatorKey, payload: { node: 'far-1' } });
  const token = textOf(invited.body['token']);
  const payload = { token, request: await newRequest() };
  const answer = await other.call('POST', '/nodes/join', { key: null, payload });
  expect(answer.status).toBe(200);
  expect(() => requireAuthority(token, textOf(answer.body['authority']))).not.toThrow();
  expect((await one.call('POST', '/nodes/join', { key: null, payload })).status).toBe(403);
  for (const gateway of [one, other]) await gateway.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

test('a request that is no good does not use the token up', async () => {
  const token = textOf((await invite()).body['token']);
  expect((await join(token, 'no request')).status).toBe(400);
  const text = await newRequest();
  const at = text.length - 120;
  const altered = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
  expect((await join(token, altered)).status).toBe(400);
  expect((await join(token, text)).status).toBe(200);
  expect((await join('pjt_unknown', text)).status).toBe(403);
});

test('only operators invite, and only under a name that is free', async () => {
  expect((await api.call('POST', '/v1/nodes/join-tokens', { payload: { node: 'far-1' } })).status).toBe(403);
  await api.store.beatNode(sampleBeat({ name: 'edge-1' }));
  expect((await invite({ node: 'edge-1' })).status).toBe(409);
  expect((await invite({ node: 'Far 1', tier: 'moon', expiresInSeconds: 1 })).status).toBe(400);
});
