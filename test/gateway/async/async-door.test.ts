import { request as httpRequest } from 'node:http';
import { PlatformError } from '../../../core/error/platform-error';
import type { NewAsyncInvocation } from '../../../drivers/async-queue/async-queue';
import type { CoveredFunction } from '../../../gateway/budget/covered-function';
import { AsyncDoor } from '../../../gateway/async/async-door';
import { prefersAsync } from '../../../gateway/async/prefers-async';
import { BodyKeeper } from '../../../gateway/async/body-keeper';
import { revisionRouteOf } from '../../../gateway/invocation/revision-route';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { revisionRecord, silent } from '../gateway-harness';

let server: Server;
let accepted: NewAsyncInvocation[];
let refuse: PlatformError | undefined;
let refusals: number;
let spec: Record<string, unknown>;
let money: Pick<CoveredFunction, 'require'> | null;

beforeEach(async () => {
  accepted = [];
  refuse = undefined;
  refusals = Infinity;
  spec = {};
  money = null;
  const door = new AsyncDoor({
    queue: {
      accept: (invocation) => {
        if (refuse && refusals-- > 0) return Promise.reject(refuse);
        accepted.push(invocation);
        return Promise.resolve({ id: invocation.id, created: true });
      },
    },
    bodies: new BodyKeeper({
      put: () => Promise.reject(new Error('nothing here is large')),
      open: () => Promise.reject(new Error('nothing here is large')),
      delete: () => Promise.resolve(),
    }),
    routes: {
      resolve: ({ function: name }) =>
        name === 'f'
          ? { ...revisionRouteOf(revisionRecord('f', spec)), spend: money as CoveredFunction | null }
          : undefined,
    },
    auth: {
      authenticate: ({ 'x-api-key': key }) =>
        key === undefined
          ? Promise.reject(new PlatformError('unauthenticated', 'This needs an API key'))
          : Promise.resolve({ keyId: 'k', credential: 'key', tenant: String(key), scopes: ['invoke'] }),
    },
    log: silent,
    maxBodyBytes: 1_000,
    patienceMs: 500,
  });
  server = createServer((request, response) => {
    const name = (request.url ?? '').split('/')[1] ?? '';
    void door.handle(request, response, { tenant: 'acme', function: name, alias: 'live', path: '/x' }, false);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const send = (init: RequestInit & { name?: string } = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${init.name ?? 'f'}`, {
    method: 'POST',
    ...init,
    headers: { 'x-api-key': 'acme', ...(init.headers as Record<string, string> | undefined) },
  });
const codeOf = async (response: Response): Promise<unknown> => ((await response.json()) as { code: unknown }).code;

test('202 only after the queue has it', async () => {
  const response = await send({ body: 'hi', headers: { authorization: 'Bearer psk_secret', 'x-mine': '1' } });
  expect(response.status).toBe(202);
  expect(accepted).toHaveLength(1);
  const { request, tenant, policy } = accepted[0] as NewAsyncInvocation;
  expect([tenant, policy.retries, request.body.inline?.toString()]).toEqual(['acme', 3, 'hi']);
  expect(request.headers).toEqual(expect.arrayContaining(['x-mine', '1', 'traceparent']));
  expect(request.headers.join()).not.toContain('psk_');
});

test.each<[string, RequestInit & { name?: string }, Record<string, unknown>, number, string]>([
  ['a broken key', { headers: { 'idempotency-key': '"' } }, {}, 400, 'invalid_argument'],
  ['another tenant', { headers: { 'x-api-key': 'other' } }, {}, 403, 'forbidden'],
  ['an unknown function', { name: 'g' }, {}, 404, 'function_not_found'],
  ['a body that is too large', { body: 'x'.repeat(1_001) }, {}, 413, 'payload_too_large'],
  ['a function that takes none', {}, { async: { enabled: false } }, 501, 'unsupported'],
])('%s is refused, and nothing is accepted', async (_, init, own, status, code) => {
  spec = own;
  const response = await send(init);
  expect([response.status, await codeOf(response)]).toEqual([status, code]);
  expect(accepted).toEqual([]);
});

test('for what there is no money nothing is promised', async () => {
  money = {
    require: () => {
      throw new PlatformError('budget_exhausted', 'The budget is spent', { until: new Date(0) });
    },
  };
  const response = await send();
  expect(response.status).toBe(402);
  expect(await response.json()).toMatchObject({ code: 'budget_exhausted', until: '1970-01-01T00:00:00.000Z' });
  expect(accepted).toEqual([]);
});

test('a database that is away is 503 with Retry-After, never 202', async () => {
  refuse = new PlatformError('unavailable', 'The database is away', { retryAfterSeconds: 1 });
  const response = await send();
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
});

test('while the first request under a key arrives the next is told to come again', async () => {
  const { port } = server.address() as AddressInfo;
  const headers = { 'x-api-key': 'acme', 'idempotency-key': 'k', 'content-length': '4' };
  const first = httpRequest({ port, path: '/f', method: 'POST', headers });
  const answered = new Promise<IncomingMessage>((resolve) => first.once('response', resolve));
  first.write('ab');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const second = await send({ body: 'abcd', headers: { 'idempotency-key': 'k' } });
  expect([second.status, await codeOf(second), second.headers.get('retry-after')]).toEqual([409, 'conflict', '1']);
  expect((await send({ body: 'abcd', headers: { 'idempotency-key': 'other' } })).status).toBe(202);
  first.end('cd');
  expect((await answered).statusCode).toBe(202);
  expect((await send({ body: 'abcd', headers: { 'idempotency-key': 'k' } })).status).toBe(202);
});

test.each([
  ['respond-async', true],
  ['wait=10, respond-async', true],
  ['respond-async; foo=bar', true],
  ['Respond-Async', true],
  ['respond-asynchronously', false],
  ['return=minimal', false],
  [undefined, false],
])('Prefer: %s', (prefer, wanted) => {
  expect(prefersAsync({ headers: prefer === undefined ? {} : { prefer } } as IncomingMessage)).toBe(wanted);
});

test.each(['unavailable', 'storage_full'] as const)(
  'a database that is %s for a moment costs a moment',
  async (code) => {
    refuse = new PlatformError(code, 'The database cannot take it');
    refusals = 2;
    expect((await send()).status).toBe(202);
    expect(accepted).toHaveLength(1);
  },
);
