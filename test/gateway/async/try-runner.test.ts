import type { RequestListener } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { asyncPolicyOf } from '../../../core/async/async-policy';
import type { AsyncClaim } from '../../../drivers/async-queue/async-queue';
import { createLocalImageStore } from '../../../drivers/image-store/local/local-image-store';
import type { InvocationRecord } from '../../../drivers/store/store';
import { BodyKeeper } from '../../../gateway/async/body-keeper';
import { TryRunner } from '../../../gateway/async/try-runner';
import { CallerMarks } from '../../../gateway/invocation/caller-marks';
import { revisionRouteOf, type RevisionRoute } from '../../../gateway/invocation/revision-route';
import { revisionRecord, silent, startHarness, until, type Harness } from '../gateway-harness';

let folder: string;
let harness: Harness;
let records: InvocationRecord[];
let route: RevisionRoute | undefined;
let runner: TryRunner;
const maxBodyBytes = 200_000;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tries-'));
  harness = await startHarness();
  records = [];
  route = revisionRouteOf(revisionRecord('f', { timeouts: { firstByte: '300ms' } }));
  const bodies = new BodyKeeper(createLocalImageStore(folder));
  const invocations = {
    routes: { resolve: () => route },
    broker: harness.broker,
    places: { of: () => ({ region: 'local' }) },
    admission: harness.door.admission,
    recorder: { record: (record: InvocationRecord) => void records.push(record) },
    callers: new CallerMarks(Buffer.alloc(32, 1)),
    log: silent,
    maxBodyBytes,
    pageHosts: new Set<string>(),
    streamGraceMs: 1_000,
    random: () => 0,
  };
  runner = new TryRunner({ invocations, bodies });
});
afterEach(async () => {
  await harness.close();
  await rm(folder, { recursive: true, force: true });
});

function run(handler: RequestListener, signal = new AbortController().signal) {
  harness.agent.handler = handler;
  return runner.run(claim(), signal);
}

const ofKept = (request: Partial<AsyncClaim['request']>): AsyncClaim => {
  const made = claim();
  return { ...made, request: { ...made.request, ...request } };
};

function claim(): AsyncClaim {
  const policy = asyncPolicyOf(revisionRecord('f').manifest);
  if (!policy) throw new Error('the function takes none');
  return {
    id: 'inv-1',
    tenant: 'acme',
    functionId: 'f-id',
    function: 'f',
    alias: 'live',
    origin: 'http',
    policy,
    request: {
      method: 'PUT',
      path: '/a?b=c',
      headers: ['X-Own', 'one', 'X-Own', 'two', 'Host', 'shop.example'],
      body: { inline: Buffer.from('hello'), digest: null, length: 5 },
      remoteAddress: '192.0.2.7',
    },
    try: 3,
    failures: 1,
    acceptedAt: new Date(),
    expiresAt: new Date(Date.now() + 60_000),
  };
}

test('the function gets the request as it was accepted, with the number of the try', async () => {
  let seen: unknown;
  const outcome = await run((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
      response.writeHead(201, { 'x-a': '1' }).end('made');
    });
  });
  expect(seen).toMatchObject({
    method: 'PUT',
    url: '/a?b=c',
    body: 'hello',
    headers: {
      'x-own': 'one, two',
      'content-length': '5',
      'x-presage-attempt': '3',
      'x-presage-invocation': 'inv-1',
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-host': 'shop.example',
    },
  });
  expect(outcome).toMatchObject({ status: 201, errorCode: null, answer: { status: 201, truncated: false } });
  expect(outcome.answer?.headers).toEqual(expect.arrayContaining(['x-a', '1']));
  expect(outcome.answer?.body.inline?.toString()).toBe('made');
  expect(records).toMatchObject([{ id: 'inv-1', attempt: 3, status: 201, bytesIn: 5, bytesOut: 4 }]);
});

test.each<[string, RequestListener, object]>([
  ['breaks the connection off', (request) => request.socket.destroy(), { errorCode: 'handler_failed', status: 502 }],
  ['says nothing', () => undefined, { errorCode: 'function_timeout', status: 504 }],
  [
    'breaks off in the middle of its answer',
    (request, response) => {
      response.writeHead(200);
      response.write('half', () => setTimeout(() => request.socket.destroy(), 20));
    },
    { errorCode: 'handler_failed', status: null, answer: null },
  ],
  ['answers with a failure of its own', (_, response) => response.writeHead(503, { 'retry-after': '7' }).end(), { errorCode: null, status: 503, retryAfterMs: 7_000 }], // prettier-ignore
  [
    'answers with a problem of its own',
    (_, response) => response.writeHead(422, { 'content-type': 'application/problem+json' }).end('{"code":"x"}'),
    { errorCode: null, status: 422, error: null },
  ],
])('a function that %s', async (_, handler, expected) => {
  expect(await run(handler)).toMatchObject(expected);
});

test('an answer larger than what is kept counts, without its body', async () => {
  const outcome = await run((_, response) => response.end(Buffer.alloc(maxBodyBytes + 1)));
  expect(outcome).toMatchObject({ status: 200, answer: { truncated: true, body: { length: 0 } } });
});

test.each([
  ['a line end in a header', { headers: ['x-a', 'b\r\nGET /other HTTP/1.1'] }, 'header "x-a"'],
  ['a name that is none', { headers: ['x a', 'b'] }, 'header "x a"'],
  ['a blank in its path', { path: '/a HTTP/1.1\r\nx: y' }, 'path'],
])('a kept request with %s reaches no instance, and is not tried again', async (_, request, what) => {
  let reached = false;
  harness.agent.handler = () => (reached = true);
  const outcome = await runner.run(ofKept(request), new AbortController().signal);
  expect(outcome).toMatchObject({ status: null, errorCode: 'invalid_argument' });
  expect(outcome.error).toContain(what);
  expect(reached).toBe(false);
});

test('a length among the kept headers does not count', async () => {
  let length: string | undefined;
  harness.agent.handler = (request, response) => {
    length = request.headers['content-length'];
    response.end();
  };
  const outcome = await runner.run(ofKept({ headers: ['Content-Length', '2'] }), new AbortController().signal);
  expect(outcome).toMatchObject({ status: 200 });
  expect(length).toBe('5');
});

test('a function that is gone is no reason to try again', async () => {
  route = undefined;
  expect(await run(() => undefined)).toMatchObject({ errorCode: 'function_not_found', status: 404 });
});

test('a try that is broken off reaches the function as a caller who leaves', async () => {
  const stop = new AbortController();
  let closed = false;
  let reached = false;
  const running = run((request) => {
    reached = true;
    request.socket.on('close', () => (closed = true));
  }, stop.signal);
  await until(() => reached, 'the try');
  stop.abort();
  expect(await running).toMatchObject({ errorCode: 'draining', answer: null });
  await until(() => closed, 'the closed connection');
});
