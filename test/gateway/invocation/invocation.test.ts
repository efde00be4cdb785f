import { startHarness, type Harness } from '../gateway-harness';

let harness: Harness;
afterEach(() => harness.close());

test('answers through an instance and tells how', async () => {
  harness = await startHarness();
  harness.agent.onAcquire = async () =>
    harness.agent.reply(await harness.agent.start(), {
      kind: 'restore',
      cause: 'expired',
      sandboxMs: 0.001,
      readyMs: 0.001,
    });
  const first = await harness.call('/fn/acme/f/hello');
  expect(first).toMatchObject({ status: 200, body: 'ok' });
  expect(first.headers).toMatchObject({
    'x-presage-start': 'restore',
    'x-presage-cause': 'expired',
    'x-presage-node': 'local',
    'x-presage-revision': '1',
  });
  expect(first.headers['x-request-id']).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(Number(first.headers['x-presage-platform-ms'])).toBeGreaterThan(0);
  expect(first.headers['server-timing']).toMatch(
    /^queue;dur=[\d.]+, start;dur=[\d.]+;desc="restore", function;dur=[\d.]+$/,
  );

  const second = await harness.call('/fn/acme/f/hello');
  expect(second.headers['x-presage-start']).toBe('hot');
  expect(second.headers['x-presage-cause']).toBeUndefined();
  expect(harness.agent.acquired).toHaveLength(1);
});

test('what is not an invocation goes to the control API', async () => {
  harness = await startHarness();
  expect(await harness.call('/livez')).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  const byHost = await harness.call('/livez', { headers: { host: 'f.acme.fn.localhost' } });
  expect(byHost).toMatchObject({ status: 200, body: 'ok' });
});

test.each([
  ['no key', '/fn/acme/private', {}, 401, 'unauthenticated'],
  ['an unknown key', '/fn/acme/private', { authorization: 'Bearer psk_wrong' }, 401, 'unauthenticated'],
  ['a key to read', '/fn/acme/private', { 'x-api-key': 'psk_read' }, 403, 'forbidden'],
  ['another tenant’s admin', '/fn/acme/private', { 'x-api-key': 'psk_other' }, 403, 'forbidden'],
  ['a key to invoke', '/fn/acme/private', { 'x-api-key': 'psk_invoke' }, 200, null],
  ['an admin', '/fn/acme/private', { authorization: 'Bearer psk_admin' }, 200, null],
  ['a key for all tenants', '/fn/acme/private', { 'x-api-key': 'psk_everywhere' }, 200, null],
  ['no key on a public function', '/fn/acme/f', {}, 200, null],
  ['no key on an unknown function', '/fn/acme/nothing', {}, 401, 'unauthenticated'],
  ['a key on an unknown function', '/fn/acme/nothing', { 'x-api-key': 'psk_invoke' }, 404, 'function_not_found'],
  ['an unknown alias', '/fn/acme/f@canary', {}, 404, 'function_not_found'],
  ['a shim path', '/fn/acme/f/_presage/health', {}, 403, 'forbidden'],
  ['no function', '/fn/acme', {}, 404, 'function_not_found'],
  [
    'a WebSocket that the function does not know',
    '/fn/acme/f',
    { connection: 'upgrade', upgrade: 'websocket' },
    200,
    null,
  ],
  ['another protocol', '/fn/acme/f', { connection: 'upgrade', upgrade: 'h2c' }, 200, null],
])('%s', async (_, path, headers, status, code) => {
  harness = await startHarness();
  const answer = await harness.call(path, { headers: headers as Record<string, string> });
  expect(answer.status).toBe(status);
  if (code === null) return;
  expect(answer.headers['content-type']).toContain('application/problem+json');
  const problem = JSON.parse(answer.body) as Record<string, unknown>;
  expect(problem).toMatchObject({ status, code, requestId: answer.headers['x-request-id'] });
  expect(harness.agent.acquired).toHaveLength(0);
});

test('the phases of a record add up to its total', async () => {
  harness = await startHarness();
  harness.agent.handler = (_, response) => void setTimeout(() => response.end('slow'), 20);
  harness.agent.onAcquire = async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return harness.agent.reply(await harness.agent.start(), { sandboxMs: 20, readyMs: 5, queueMs: 1 });
  };
  const answers = [await harness.call('/fn/acme/f/x?token=secret'), await harness.call('/fn/acme/f/x')];
  for (const answer of answers) {
    const record = await harness.recordOf(answer);
    const sum = record.queueMs + record.startMs + record.executeMs;
    expect(Math.abs(sum - record.totalMs)).toBeLessThanOrEqual(record.totalMs / 100);
    expect(record).toMatchObject({ tenant: 'acme', function: 'f', revision: 1, status: 200, path: '/x', bytesOut: 4 });
    expect(record.executeMs).toBeGreaterThanOrEqual(19);
    expect(record.memoryByteMs).toBe(Math.round(256 * 2 ** 20 * record.executeMs));
  }
  const [cold, hot] = await Promise.all(answers.map((answer) => harness.recordOf(answer)));
  expect(cold).toMatchObject({
    kind: 'cold',
    cause: 'first',
    startMs: 25,
    phases: { sandbox: 20, ready: 5, agentQueue: 1 },
  });
  expect(hot).toMatchObject({ kind: 'hot', cause: null, startMs: 0 });
  expect(JSON.stringify(harness.records)).not.toContain('secret');
});

test('refusals are recorded where the caller is known, and only there', async () => {
  harness = await startHarness();
  await harness.call('/fn/acme/private');
  const answer = await harness.call('/fn/acme/private', { headers: { 'x-api-key': 'psk_read' } });
  expect(await harness.recordOf(answer)).toMatchObject({
    status: 403,
    errorCode: 'forbidden',
    kind: null,
    instanceId: null,
  });
  expect(harness.records).toHaveLength(1);
});
