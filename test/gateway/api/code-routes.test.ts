import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { PlatformError } from '../../../core/error/platform-error';
import { makeHarness, textOf, type Harness } from './api-harness';

let api: Harness;
beforeEach(async () => (api = await makeHarness()));
afterEach(() => api.close());

const upload = (payload: Buffer | string, type = 'application/x-tar') =>
  api.call('POST', '/v1/code', { payload, headers: { 'content-type': type } });

test('an archive is stored by its digest', async () => {
  const bytes = randomBytes(90_000);
  const answer = await upload(bytes, 'application/gzip');
  expect(answer.status).toBe(201);
  expect(answer.body).toMatchObject({ bytes: 90_000, kind: 'layer' });
  expect(api.images.blobs.get(textOf(answer.body['digest']))).toEqual(bytes);
  expect((await upload(bytes)).body['digest']).toBe(answer.body['digest']);
  expect((await upload('oci layout')).body['kind']).toBe('oci');
});

test('a refused archive leaves nothing behind and says why', async () => {
  const answer = await upload(Buffer.concat([Buffer.from('evil'), randomBytes(80_000)]));
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ code: 'invalid_archive', errors: [{ path: '../../etc/passwd' }] });
  expect(api.images.blobs.size).toBe(0);
});

test('a validator that decides early neither stalls the upload nor lets a blob in', async () => {
  await api.close();
  api = await makeHarness({
    validateArchive: async (archive) => {
      for await (const chunk of archive)
        if (String(chunk).startsWith('evil')) throw new PlatformError('invalid_archive', 'evil');
        else break;
      return { kind: 'layer' };
    },
  });
  const good = await upload(randomBytes(95_000));
  expect(good.status).toBe(201);
  const before = api.images.blobs.size;
  expect((await upload(Buffer.concat([Buffer.from('evil'), randomBytes(90_000)]))).body['code']).toBe(
    'invalid_archive',
  );
  expect(api.images.blobs.size).toBe(before);
});

test('a body that is too long, of another type, or empty is refused', async () => {
  const long = await upload(randomBytes(100_001));
  expect(long.body).toMatchObject({ status: 413, code: 'payload_too_large' });
  const json = await api.call('POST', '/v1/code', { payload: { a: 1 } });
  expect(json.body).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  const none = await api.call('POST', '/v1/code');
  expect(none.body).toMatchObject({ status: 400, code: 'invalid_archive' });
  expect(api.images.blobs.size).toBe(0);
});

test('a full disk is said so', async () => {
  api.images.failure = new PlatformError('storage_full', 'The disk is full');
  for (const bytes of [10, 90_000]) {
    expect((await upload(randomBytes(bytes))).body).toMatchObject({ status: 507, code: 'storage_full' });
  }
});

test('a disk that becomes full half-way through is said so', async () => {
  for (const room of [0, 10_000, 70_000]) {
    api.images.room = room;
    expect((await upload(randomBytes(99_000))).body).toMatchObject({ status: 507, code: 'storage_full' });
  }
  expect(api.images.blobs.size).toBe(0);
});

describe('without an announced length', () => {
  /** Sends chunks without an announced length; resolves with the status, or rejects when the connection breaks first. */
  const send = (write: (body: ReturnType<typeof request>) => void): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { 'x-api-key': api.acmeKey, 'content-type': 'application/x-tar', 'transfer-encoding': 'chunked' };
      const outgoing = request(`${api.origin}/v1/code`, { method: 'POST', headers, agent });
      outgoing.once('error', reject);
      outgoing.once('response', (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      });
      write(outgoing);
    });
  let agent: Agent;
  beforeEach(() => (agent = new Agent({ keepAlive: true })));
  afterEach(() => agent.destroy());

  test('a sender of too much reads the refusal, not a broken connection', async () => {
    const status = await send((body) => {
      for (let sent = 0; sent < 64; sent++) body.write(randomBytes(65_536));
      body.end();
    });
    expect(status).toBe(413);
    expect(api.images.blobs.size).toBe(0);
  });

  test('an upload that breaks off leaves nothing', async () => {
    const broken = send((body) => {
      body.write(randomBytes(10_000), () => body.destroy());
    });
    await expect(broken).rejects.toThrow();
    // The next one is served, and only its blob is there.
    expect(await send((body) => body.end('code'))).toBe(201);
    expect(api.images.blobs.size).toBe(1);
  });
});
