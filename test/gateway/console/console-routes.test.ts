import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { issuerSchema } from '../../../gateway/auth/oidc/issuer-settings';
import { makeHarness, type Harness } from '../api/api-harness';
import { LocalIssuer } from '../auth/oidc/local-issuer';

let folder: string;
let api: Harness;
let issuer: LocalIssuer;
const script = `console.log(${JSON.stringify('x'.repeat(500))});`;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'presage-console-'));
  await mkdir(path.join(folder, 'assets'));
  await writeFile(path.join(folder, 'index.html'), '<!doctype html><title>Presage</title>');
  await writeFile(path.join(folder, 'icon.svg'), '<svg/>');
  await writeFile(path.join(folder, 'assets/main-abc.js'), script);
  await writeFile(path.join(folder, 'assets/main-abc.js.gz'), gzipSync(script));
  issuer = await new LocalIssuer().start();
  const known = issuerSchema.parse({
    issuer: issuer.url,
    audience: 'presage',
    console: { clientId: 'presage-console' },
  });
  const silent = issuerSchema.parse({ issuer: 'https://silent.example', audience: 'presage' });
  api = await makeHarness({ console: { folder, issuers: [known, silent] } });
});
afterEach(async () => {
  await Promise.all([api.close(), issuer.stop(), rm(folder, { recursive: true, force: true })]);
});

/** As a browser that says itself which encodings it takes. */
function fetched(
  name: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    get(new URL(name, api.origin), { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }),
      );
    }).once('error', reject);
  });
}

test('files come with their type, and as the build has packed them where the browser takes that', async () => {
  const plain = await fetched('/console/assets/main-abc.js');
  expect(plain).toMatchObject({ status: 200, bytes: Buffer.from(script) });
  expect(plain.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    vary: 'accept-encoding',
  });
  const packed = await fetched('/console/assets/main-abc.js', { 'accept-encoding': 'gzip, deflate, br' });
  expect([packed.headers['content-encoding'], packed.bytes]).toEqual(['gzip', gzipSync(script)]);
  const refused = await fetched('/console/assets/main-abc.js', { 'accept-encoding': 'gzip;q=0' });
  expect(refused.headers['content-encoding']).toBeUndefined();
  const again = await fetched('/console/icon.svg', {
    'if-none-match': String((await fetched('/console/icon.svg')).headers.etag),
  });
  expect([again.status, again.bytes.length]).toEqual([304, 0]);
});

test('every other path is the page, under a policy that lets nothing else in', async () => {
  for (const name of ['/console/', '/console/functions/hello', '/console/index.html']) {
    const { status, headers, bytes } = await fetched(name);
    expect([status, bytes.toString()]).toEqual([200, expect.stringContaining('<title>Presage')]);
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ${issuer.url}; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers['cache-control']).toBe('no-cache');
  }
  expect(await fetched('/console')).toMatchObject({ status: 308, headers: { location: '/console/' } });
});

test('nothing outside its folder is given, and what a build before had is gone', async () => {
  await writeFile(path.join(folder, '../outside.json'), '{}');
  for (const name of ['/console/..%2foutside.json', '/console/%2e%2e/outside.json']) {
    expect((await fetched(name)).bytes.toString()).not.toBe('{}');
  }
  const gone = await fetched('/console/assets/main-old.js');
  expect([gone.status, gone.bytes.toString()]).toEqual([404, expect.stringContaining('load it again')]);
});

test('the configuration names who logs in where, and who cannot be asked', async () => {
  const config = await api.call('GET', '/console/config.json', { key: null });
  expect(config.body).toEqual({
    version: '0.1.0',
    issuers: [
      {
        issuer: issuer.url,
        clientId: 'presage-console',
        scopes: 'openid',
        token: 'access_token',
        authorizationEndpoint: `${issuer.url}/authorize`,
        tokenEndpoint: `${issuer.url}/token`,
      },
    ],
    unreachable: [],
  });
});

test('an issuer that is away is told as such, and asked again later', async () => {
  issuer.away = true;
  const config = await api.call('GET', '/console/config.json', { key: null });
  expect(config.body).toMatchObject({ issuers: [], unreachable: [issuer.url] });
  expect((await fetched('/console/')).headers['content-security-policy']).toContain("connect-src 'self';");
});

test('a console that was not built says how to, and comes once it is there', async () => {
  await rm(path.join(folder, 'index.html'));
  const missing = await fetched('/console/');
  expect([missing.status, missing.bytes.toString()]).toEqual([503, expect.stringContaining('npm run build')]);
  await writeFile(path.join(folder, 'index.html'), '<!doctype html>');
  expect((await fetched('/console/')).status).toBe(200);
});

test('without the option there is nothing at its path', async () => {
  const without = await makeHarness();
  expect((await without.call('GET', '/console/', { key: null })).status).toBe(404);
  await without.close();
});
