import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { parsePricing } from '../../../core/cost/pricing';
import { startHarness, until, type Harness } from '../gateway-harness';

const MIB = 2 ** 20;
let harness: Harness;
afterEach(() => harness.close());

/** A function whose answer is decided by the test. */
async function withHandler(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  spec: Record<string, unknown> = {},
  maxBodyBytes?: number,
): Promise<void> {
  harness = await startHarness(spec, maxBodyBytes === undefined ? {} : { maxBodyBytes });
  harness.agent.handler = handler;
}

test('streams 100 MiB in and out, byte for byte, in bounded memory', async () => {
  await withHandler((request, response) => void request.pipe(response));
  const total = 100 * MIB;
  const block = randomBytes(MIB);
  const sent = createHash('sha256');
  const received = createHash('sha256');
  let receivedBytes = 0;
  let furthestAhead = 0;
  const request = httpRequest({ host: '127.0.0.1', port: harness.port, path: '/fn/acme/f', method: 'POST' });
  const answered = new Promise<void>((resolve, reject) => {
    request.on('response', (response) => {
      response.on('data', (chunk: Buffer) => {
        received.update(chunk);
        receivedBytes += chunk.length;
      });
      response.on('end', resolve);
      response.on('error', reject);
    });
  });
  for (let bytes = 0; bytes < total; bytes += block.length) {
    sent.update(block);
    furthestAhead = Math.max(furthestAhead, bytes - receivedBytes);
    if (!request.write(block)) await once(request, 'drain');
  }
  request.end();
  await answered;
  expect(receivedBytes).toBe(total);
  expect(received.digest('hex')).toBe(sent.digest('hex'));
  // What was sent and has not come back is in somebody's memory: in all far less than the body.
  expect(furthestAhead).toBeLessThan(24 * MIB);
  const record = await until(() => harness.records[0], 'the record');
  expect(record).toMatchObject({ bytesIn: total, bytesOut: total, status: 200 });
});

test('a caller that does not read holds the function back', async () => {
  let written = 0;
  let full = false;
  await withHandler((_, response) => {
    const push = (): void => {
      while (written < 64 * MIB) {
        written += MIB;
        if (!response.write(Buffer.alloc(MIB))) {
          full = true;
          response.once('drain', push);
          return;
        }
      }
      response.end();
    };
    push();
  });
  const request = httpRequest({ host: '127.0.0.1', port: harness.port, path: '/fn/acme/f' }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  // Full is when nothing has moved for a while.
  let last = { written: -1, at: 0 };
  await until(() => {
    if (written !== last.written) last = { written, at: Date.now() };
    return full && Date.now() - last.at > 100;
  }, 'a full pipe');
  expect(written).toBeLessThan(32 * MIB);
  response.resume();
  await once(response, 'end');
  expect(written).toBe(64 * MIB);
});

test('sends the head and each part of a stream at once', async () => {
  let answer: ServerResponse | undefined;
  await withHandler((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    answer = response;
  });
  const request = httpRequest({ host: '127.0.0.1', port: harness.port, path: '/fn/acme/f' }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(response.headers['content-type']).toBe('text/event-stream');
  for (const part of ['data: 1\n\n', 'data: 2\n\n']) {
    answer?.write(part);
    const [chunk] = (await once(response, 'data')) as [Buffer];
    expect(chunk.toString()).toBe(part);
  }
  answer?.end();
  await once(response, 'end');
});

test('passes headers on by the rules', async () => {
  let seen: IncomingMessage | undefined;
  await withHandler((request, response) => {
    seen = request;
    response.writeHead(201, [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['X-Own', 'yes'],
      ['X-Hop', 'no'],
      ['Connection', 'keep-alive, X-Hop'],
      ['x-presage-cpu-us', '1234'],
      ['x-presage-start', 'forged'],
      ['x-request-id', 'forged'],
    ] as unknown as string[]);
    response.end('{}');
  });
  const answer = await harness.call('/fn/acme/f/p?q=1', {
    headers: {
      host: 'shop.example',
      authorization: 'Bearer psk_admin',
      'x-api-key': 'psk_admin',
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-presage-instance': 'forged',
      'x-request-id': 'mine',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'vendor=1',
      te: 'trailers',
      connection: 'close, x-secret-hop',
      'x-secret-hop': '1',
      'x-own': 'kept',
    },
  });
  expect(seen?.url).toBe('/p?q=1');
  expect(seen?.headers).toEqual({
    host: 'shop.example',
    'x-own': 'kept',
    'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.example',
    'x-request-id': answer.headers['x-request-id'],
    'x-presage-invocation': answer.headers['x-request-id'],
    'x-presage-instance': 'i1',
    'x-presage-deadline': expect.stringMatching(/^\d{13}$/) as string,
    traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/) as string,
    tracestate: `presage=${String(seen?.headers.traceparent).slice(36, 52)},vendor=1`,
  });
  expect(seen?.headers.traceparent).not.toContain('b7ad6b7169203331');
  expect(answer.status).toBe(201);
  expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  expect(answer.headers).toMatchObject({ 'x-own': 'yes', 'x-presage-start': 'cold' });
  expect(answer.headers['x-hop']).toBeUndefined();
  expect(answer.headers['x-presage-cpu-us']).toBeUndefined();
  const record = await harness.recordOf(answer);
  expect(record).toMatchObject({ cpuMicros: 1234, traceId: '0af7651916cd43dd8448eb211c80319c', status: 201 });
});

test('a function’s own authorization reaches it', async () => {
  await withHandler((request, response) => response.end(request.headers.authorization));
  const headers = { authorization: 'Bearer its-own', 'x-api-key': 'psk_admin' };
  expect(await harness.call('/fn/acme/private', { headers })).toMatchObject({ status: 200, body: 'Bearer its-own' });
});

test('makes a trace where there is none', async () => {
  await withHandler((request, response) => response.end(request.headers.traceparent));
  const answer = await harness.call('/fn/acme/f', { headers: { traceparent: 'broken' } });
  expect(answer.body).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect((await harness.recordOf(answer)).traceId).toBe(answer.body.slice(3, 35));
});

test('knows where users call from, and which function calls which', async () => {
  let seen: IncomingMessage | undefined;
  await withHandler((request, response) => {
    seen = request;
    response.end();
  });
  const fromUser = await harness.call('/fn/acme/f', { headers: { 'x-presage-region': 'eu' } });
  expect(await harness.recordOf(fromUser)).toMatchObject({ userRegion: 'eu', callerId: null, caller: null });
  const { traceparent } = seen?.headers ?? {};
  const fromFunction = await harness.call('/fn/acme/f', { headers: { 'x-presage-region': 'eu', traceparent } });
  const caller = { callerId: 'f-id', caller: 'f', traceId: traceparent?.slice(3, 35) };
  expect(await harness.recordOf(fromFunction)).toMatchObject({ userRegion: null, ...caller });
  // What an answer to a function costs goes by where the function stands, and not by where a user could be.
  const pricings = [await harness.recordOf(fromUser), await harness.recordOf(fromFunction)].map(({ pricing }) =>
    parsePricing(pricing ?? ''),
  );
  expect(pricings[0]?.callerRegion).toBeUndefined();
  expect(pricings[1]).toMatchObject({ region: 'local', callerRegion: 'eu' });
});

test('HEAD, 204 and 304 have no body', async () => {
  await withHandler((request, response) => {
    if (request.method === 'HEAD') response.writeHead(200, { 'content-length': '1000' });
    else response.writeHead(Number(request.url?.slice(1)));
    response.end();
  });
  const head = await harness.call('/fn/acme/f', { method: 'HEAD' });
  expect(head).toMatchObject({ status: 200, body: '' });
  expect(head.headers['content-length']).toBe('1000');
  expect(await harness.call('/fn/acme/f/204')).toMatchObject({ status: 204, body: '' });
  expect(await harness.call('/fn/acme/f/304')).toMatchObject({ status: 304, body: '' });
});

test('answers Expect: 100-continue once the caller is let in, and refuses at once otherwise', async () => {
  await withHandler((request, response) => void request.pipe(response));
  const speak = async (head: string): Promise<string> => {
    const socket = connect(harness.port, '127.0.0.1');
    let text = '';
    let bodySent = false;
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (!bodySent && text.startsWith('HTTP/1.1 100')) {
        bodySent = true;
        socket.write('hello');
      }
    });
    socket.write(head);
    await until(() => /hello\r\n0\r\n\r\n$|problem\+json[\s\S]*}$/.test(text), 'an answer');
    socket.destroy();
    return text;
  };
  const rest = 'Host: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n';
  expect(await speak(`POST /fn/acme/f HTTP/1.1\r\n${rest}`)).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /);
  expect(await speak(`POST /fn/acme/private HTTP/1.1\r\n${rest}`)).toMatch(/^HTTP\/1.1 401 /);
});

test('a body over the limit gets 413, announced or not, and the instance stays', async () => {
  await withHandler((request, response) => void request.resume().on('end', () => response.end('read')), {}, MIB);
  const body = Buffer.alloc(2 * MIB);
  const announced = await harness.call('/fn/acme/f', { method: 'POST', body });
  expect(announced.status).toBe(413);
  expect(harness.agent.acquired).toHaveLength(0);
  const chunked = await harness.call('/fn/acme/f', {
    method: 'POST',
    body,
    headers: { 'transfer-encoding': 'chunked' },
  });
  expect(chunked.status).toBe(413);
  expect(JSON.parse(chunked.body)).toMatchObject({ code: 'payload_too_large' });
  expect(await harness.call('/fn/acme/f', { method: 'POST', body: 'x' })).toMatchObject({ status: 200, body: 'read' });
  expect(harness.agent.told).toEqual([]);
  expect(harness.agent.acquired).toHaveLength(1);
});

test('a function may answer before it has read the body', async () => {
  await withHandler((_, response) => response.writeHead(403).end('no'));
  const answer = await harness.call('/fn/acme/f', { method: 'POST', body: Buffer.alloc(8 * MIB) });
  expect(answer).toMatchObject({ status: 403, body: 'no' });
  expect(await harness.call('/fn/acme/f')).toMatchObject({ status: 403 });
  expect(harness.agent.told).toEqual([]);
});
