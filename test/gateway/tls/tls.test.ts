import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { get as getPlain } from 'node:http';
import { Agent, request, type RequestOptions } from 'node:https';
import path from 'node:path';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import pino from 'pino';
import { createGatewayServer, type GatewayServer } from '../../../gateway/server';
import { readTlsIdentity } from '../../../drivers/certificates/tls-files';
import { FakeAgent } from '../fake-agent';
import { startHarness, until, type Harness } from '../gateway-harness';
import { TestAuthority } from './test-authority';

let authority: TestAuthority;
let harness: Harness;
let server: GatewayServer;
let port: number;
const lines: string[] = [];
const live = () => ({ cert: path.join(authority.folder, 'live.pem'), key: path.join(authority.folder, 'live.key') });

beforeAll(async () => {
  authority = new TestAuthority();
  install(authority.issue('first'));
  harness = await startHarness(
    {},
    { agent: new FakeAgent((incoming, response) => response.end(String(incoming.headers['x-forwarded-proto']))) },
  );
  server = await createGatewayServer({
    invocations: harness.handler,
    registerApi: async (app) => void app.get('/livez', () => ({ status: 'ok' })),
    logger: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
    connections: { max: 100, perAddress: 100 },
    headersTimeoutMs: 10_000,
    tls: { ...live(), minVersion: 'TLSv1.3' },
  });
  port = await server.listen('127.0.0.1', 0);
});
afterAll(async () => {
  await server.close(100);
  await harness.close();
  authority.remove();
});

function install({ cert, key }: { cert: string; key: string }): void {
  copyFileSync(key, live().key);
  copyFileSync(cert, live().cert);
}

function get(
  target: string,
  options: RequestOptions = {},
): Promise<{ status: number; body: string; peer: PeerCertificate }> {
  // prettier-ignore
  return new Promise((resolve, reject) => {
    const ca = readFileSync(authority.ca);
    const outgoing = request({ host: '127.0.0.1', port, path: target, ca, agent: false, ...options }, (response) => {
      const peer = (response.socket as TLSSocket).getPeerCertificate();
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, peer }));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

test('both faces speak TLS, and functions learn of it', async () => {
  expect(await get('/livez')).toMatchObject({ status: 200, peer: { subject: { CN: 'first' } } });
  expect(await get('/fn/acme/f')).toMatchObject({ status: 200, body: 'https' });
  expect((await harness.call('/fn/acme/f')).body).toBe('http');
});

test('an older version than allowed, and plain HTTP, get nothing', async () => {
  await expect(get('/livez', { maxVersion: 'TLSv1.2' })).rejects.toThrow(/version|alert/);
  await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow();
  expect((await get('/livez')).status).toBe(200);
});

test('a new certificate is taken up while open connections go on; one that does not fit is not', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(authority.ca) });
  expect((await get('/livez', { agent })).peer.subject.CN).toBe('first');
  writeFileSync(live().cert, 'not a certificate');
  await until(() => lines.join('').includes('the one before stays'), 'the refusal of a broken file');
  expect((await get('/livez')).peer.subject.CN).toBe('first');
  install(authority.issue('second'));
  await until(() => lines.join('').includes('gateway.tls-renewed'), 'the new certificate');
  expect((await get('/livez')).peer.subject.CN).toBe('second');
  const [socket] = Object.values(agent.freeSockets).flat();
  const kept = await get('/livez', { agent });
  expect(kept.peer.subject.CN).toBe('first');
  expect(Object.values(agent.freeSockets).flat()[0]).toBe(socket);
  agent.destroy();
});

test('half a handshake holds nobody up', async () => {
  const silent = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  silent.on('error', () => undefined);
  expect((await get('/livez')).status).toBe(200);
  silent.destroy();
});

test.each([
  ['a key of another certificate', () => ({ cert: authority.issue('a').cert, key: authority.issue('b').key }), /does not belong/], // prettier-ignore
  ['a file that is missing', () => ({ ...authority.issue('a'), key: '/nowhere/key' }), /\/nowhere\/key cannot be read/],
  ['a certificate in place of the key', () => ({ cert: authority.ca, key: authority.ca }), /unencrypted private key/],
  ['a key in place of the certificate', () => ({ ...authority.issue('a'), cert: authority.issue('a').key }), /a certificate in PEM/], // prettier-ignore
])('%s is refused by name', (_, files, message) => {
  expect(() => readTlsIdentity(files())).toThrow(
    expect.objectContaining({ code: 'invalid_argument', message: expect.stringMatching(message) as string }),
  );
});

test('functions of this machine have a door without TLS, which the other one is not', async () => {
  const inside = await server.listenInside('127.0.0.1', 0);
  const plain = (to: number): Promise<string> =>
    new Promise((resolve, reject) => {
      getPlain({ host: '127.0.0.1', port: to, path: '/fn/acme/f', agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => resolve(`${response.statusCode} ${body}`));
      }).on('error', reject);
    });
  expect(await plain(inside)).toBe('200 http');
  await expect(plain(port)).rejects.toThrow();
});
