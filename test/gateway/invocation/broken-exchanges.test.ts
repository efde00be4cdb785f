import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { startHarness, until, type Harness } from '../gateway-harness';

let harness: Harness;
afterEach(() => harness.close());

/** A function whose answer is decided by the test. */
async function withHandler(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  spec: Record<string, unknown> = {},
): Promise<void> {
  harness = await startHarness(spec);
  harness.agent.handler = handler;
}

test('a caller that hangs up frees the instance, and the function hears of it', async () => {
  let closed = false;
  await withHandler((request, response) => {
    if (request.url === '/quick') return void response.end('quick');
    response.on('close', () => (closed = true));
    response.write('begun');
  });
  const request = httpRequest({ host: '127.0.0.1', port: harness.port, path: '/fn/acme/f/long' }).end();
  request.on('error', () => undefined);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  request.destroy();
  await until(() => closed, 'the function to hear of it');
  expect(await harness.call('/fn/acme/f/quick')).toMatchObject({ status: 200, body: 'quick' });
  expect(harness.agent.acquired).toHaveLength(1);
  expect(harness.agent.told).toEqual([]);
  const record = await until(() => harness.records.find(({ path }) => path === '/long'), 'the record');
  expect(record).toMatchObject({ errorCode: null, status: 200 });
});

test('a caller that hangs up while it waits leaves the queue', async () => {
  await withHandler((_, response) => response.end('ok'));
  let start: (() => void) | undefined;
  const started = new Promise<void>((resolve) => (start = resolve));
  const { agent } = harness;
  agent.onAcquire = async () => started.then(async () => agent.reply(await agent.start()));
  const request = httpRequest({ host: '127.0.0.1', port: harness.port, path: '/fn/acme/f' }).end();
  request.on('error', () => undefined);
  await until(() => agent.acquired.length === 1, 'the Acquire');
  request.destroy();
  const record = await until(() => harness.records[0], 'the record');
  expect(record).toMatchObject({ status: 499, kind: null, executeMs: 0 });
  start?.();
  expect(await harness.call('/fn/acme/f')).toMatchObject({ status: 200 });
  expect(agent.acquired).toHaveLength(1);
});

test.each([
  ['firstByte', { firstByte: '60ms' }, '/never'],
  ['total', { total: '80ms' }, '/never'],
])('the %s clock ends in 504 and the instance is given up', async (clock, timeouts, path) => {
  await withHandler(
    (request, response) => {
      if (request.url !== '/never') response.end('ok');
    },
    { timeouts },
  );
  const answer = await harness.call(`/fn/acme/f${path}`);
  expect(answer.status).toBe(504);
  expect(JSON.parse(answer.body)).toMatchObject({
    code: 'function_timeout',
    hint: expect.stringContaining(clock) as string,
  });
  await until(() => harness.agent.told.length === 1, 'the fault');
  expect(harness.agent.told).toEqual([{ kind: 'fault', id: 'i1', reason: `function_timeout: ${clock}` }]);
  expect(await harness.recordOf(answer)).toMatchObject({
    status: 504,
    errorCode: 'function_timeout',
    instanceId: 'i1',
  });
  expect(await harness.call('/fn/acme/f')).toMatchObject({ status: 200 });
  expect(harness.agent.acquired).toHaveLength(2);
});

test('the idle clock cuts a stream that stalls', async () => {
  await withHandler((_, response) => void response.write('begun'), { timeouts: { idle: '80ms' } });
  await expect(harness.call('/fn/acme/f')).rejects.toThrow();
  await until(() => harness.agent.told.length === 1, 'the fault');
  expect(harness.agent.told[0]).toMatchObject({ kind: 'fault', reason: 'function_timeout: idle' });
  expect(await until(() => harness.records[0], 'the record')).toMatchObject({
    status: 200,
    errorCode: 'function_timeout',
  });
});

test('a stream that moves outlives the idle and first-byte clocks', async () => {
  await withHandler(
    (_, response) => {
      let parts = 0;
      const timer = setInterval(() => {
        response.write('.');
        if (++parts < 10) return;
        clearInterval(timer);
        response.end();
      }, 30);
    },
    { timeouts: { idle: '250ms', firstByte: '250ms' } },
  );
  expect(await harness.call('/fn/acme/f')).toMatchObject({ status: 200, body: '..........' });
});

test('a function that breaks off gets its caller a 502, once', async () => {
  let calls = 0;
  await withHandler((request, response) => {
    calls++;
    if (request.url === '/die') request.socket.destroy();
    else response.end('ok');
  });
  const answer = await harness.call('/fn/acme/f/die', { method: 'POST', body: 'x' });
  expect(answer.status).toBe(502);
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'handler_failed' });
  expect(answer.headers['x-presage-start']).toBe('cold');
  expect(calls).toBe(1);
  await until(() => harness.agent.told.length === 1, 'the fault');
  expect(await harness.call('/fn/acme/f')).toMatchObject({ status: 200 });
});

test('an answer cut off in the middle is cut off for the caller too', async () => {
  await withHandler((request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half', () => request.socket.destroy());
  });
  await expect(harness.call('/fn/acme/f')).rejects.toThrow();
  expect(await until(() => harness.records[0], 'the record')).toMatchObject({
    status: 200,
    errorCode: 'handler_failed',
  });
});

test('an instance that cannot be connected to costs its caller nothing', async () => {
  await withHandler((request, response) => void request.pipe(response));
  const { agent } = harness;
  const dead = await agent.start();
  await dead.close();
  const replies = [() => Promise.resolve(dead), () => agent.start()];
  agent.onAcquire = async () => agent.reply(await (replies.shift() ?? (() => agent.start()))());
  const answer = await harness.call('/fn/acme/f', { method: 'POST', body: 'whole' });
  expect(answer).toMatchObject({ status: 200, body: 'whole' });
  expect(agent.acquired).toHaveLength(2);
  expect(agent.told).toEqual([{ kind: 'fault', id: dead.id, reason: expect.stringContaining('connection') as string }]);
});

test('when nothing can be connected to, the caller learns that a retry may help', async () => {
  await withHandler((_, response) => response.end());
  const { agent } = harness;
  agent.onAcquire = async () => {
    const dead = await agent.start();
    await dead.close();
    return agent.reply(dead);
  };
  const answer = await harness.call('/fn/acme/f');
  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBe('1');
  // One more than the first, and no more: who cannot connect twice is told so.
  expect(agent.acquired).toHaveLength(2);
});

test('leases that have all become stale cost their caller nothing either', async () => {
  await withHandler((_, response) => response.end('ok'), { concurrency: 1 });
  const { agent } = harness;
  agent.lingerMs = 60_000;
  const held: ServerResponse[] = [];
  agent.handler = (_, response) => void held.push(response);
  const first = Array.from({ length: 5 }, () => harness.call('/fn/acme/f'));
  await until(() => held.length === 5, 'five instances');
  for (const response of held) response.end();
  await Promise.all(first);
  await Promise.all(agent.instances.map((instance) => instance.close()));
  agent.handler = (_, response) => void response.end('from a new one');
  expect(await harness.call('/fn/acme/f')).toMatchObject({ status: 200, body: 'from a new one' });
  expect(agent.acquired).toHaveLength(6);
  expect(agent.told.filter(({ kind }) => kind === 'fault')).toHaveLength(5);
});
