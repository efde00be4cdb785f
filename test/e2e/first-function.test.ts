import { jsonOf } from '../../bench/harness/http-probe';
import { openOtlpCollector, type OtlpCollector } from '../fakes/otlp-collector';
import { openTestPlatform, until, writeFunction, type TestPlatform } from './support/test-platform';
import { describeWebSockets } from './web-sockets';

jest.setTimeout(300_000);

let platform: TestPlatform;
let collector: OtlpCollector;

beforeAll(async () => {
  collector = await openOtlpCollector();
  platform = await openTestPlatform({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
  await platform.deploy(
    'hello',
    { checkpoint: { warmUp: [{ path: '/' }] } },
    { 'index.js': 'exports.handler = (req, res) => res.json({ hello: req.query.name ?? "you", v: 1 });' },
  );
});
afterAll(async () => {
  await platform.stop();
  await collector.close();
});

interface Invocation {
  id: string;
  kind: string;
  cause: string | null;
  status: number;
  totalMs: number;
  queueMs: number;
  startMs: number;
  executeMs: number;
}

test('a deployed function answers, and says how it was started', async () => {
  const answer = await platform.invoke('hello', '/?name=world');
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({ hello: 'world', v: 1 });
  expect(answer.headers['x-presage-start']).toMatch(/^(hot|warm|restore|cold)$/);
  expect(answer.headers['x-presage-node']).toBe('local');
});

test('its record tells kind, phases and their sum', async () => {
  const answer = await platform.invoke('hello');
  const id = String(answer.headers['x-request-id']);
  const record = await until('the record', async () => {
    const found = await platform.probe.send(`/v1/invocations/${id}`);
    return found.status === 200 && jsonOf<Invocation>(found);
  });
  expect(record.status).toBe(200);
  const sum = record.queueMs + record.startMs + record.executeMs;
  expect(Math.abs(sum - record.totalMs)).toBeLessThanOrEqual(record.totalMs * 0.01 + 0.01);
  const { code, stdout } = await platform.cli('invocations', 'explain', id);
  expect(code).toBe(0);
  expect(stdout).toContain(record.kind);
});

test('a new revision takes over, and rollback brings the old one back', async () => {
  await platform.deploy(
    'hello',
    { checkpoint: { warmUp: [{ path: '/' }] } },
    { 'index.js': 'exports.handler = (req, res) => res.json({ v: 2 });' },
  );
  await until('revision 2', async () => JSON.parse((await platform.invoke('hello')).body).v === 2);
  expect((await platform.cli('rollback', 'hello')).code).toBe(0);
  await until('revision 1', async () => JSON.parse((await platform.invoke('hello')).body).v === 1);
});

test('an equal deploy makes no new revision', async () => {
  const before = jsonOf<{ items: unknown[] }>(await platform.probe.send('/v1/functions/hello/revisions')).items.length;
  await platform.deploy(
    'hello',
    { checkpoint: { warmUp: [{ path: '/' }] } },
    { 'index.js': 'exports.handler = (req, res) => res.json({ v: 2 });' },
  );
  expect(jsonOf<{ items: unknown[] }>(await platform.probe.send('/v1/functions/hello/revisions')).items).toHaveLength(
    before,
  );
});

test('what it writes can be read, by invocation', async () => {
  await platform.deploy(
    'talker',
    {},
    { 'index.js': 'exports.handler = async (req) => { console.log("said", req.query.word); return "ok"; };' },
  );
  const id = String((await platform.invoke('talker', '/?word=apple')).headers['x-request-id']);
  await platform.invoke('talker', '/?word=pear');
  const lines = await until('the log line', async () => {
    const answer = await platform.probe.send(`/v1/invocations/${id}/logs`);
    if (answer.status === 404) return false;
    const { items } = jsonOf<{ items: { text: string }[] }>(answer);
    return items.length > 0 && items.map((item) => item.text);
  });
  expect(lines.join('\n')).toContain('said apple');
  expect(lines.join('\n')).not.toContain('pear');
});

test('a call, its instance and the checkpoint that comes of it are one trace: gateway, agent, workflow, activities', async () => {
  const code = 'exports.handler = (req) => ({ seen: req.headers.traceparent });';
  await platform.deploy('traced', { checkpoint: { when: 'first-request' } }, { 'index.js': code });
  const [trace, parent] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
  const headers = { authorization: `Bearer ${platform.apiKey}`, traceparent: `00-${trace}-${parent}-01` };
  const answer = await fetch(`${platform.url}/fn/default/traced`, { headers });
  expect(answer.status).toBe(200);
  const { seen } = (await answer.json()) as { seen: string };

  const expected = ['default/traced', 'acquire', 'checkpointLifecycle', 'takeCheckpoint', 'Checkpoint', 'Publish'];
  // Each process sends what it has gathered every two seconds.
  const spans = await until(
    'the whole trace',
    async () => {
      const own = collector.spans.filter(({ traceId }) => traceId === trace);
      return expected.every((name) => own.some((span) => span.name === name)) && own;
    },
    60_000,
  );
  const named = (service: string, name: string) => {
    const span = spans.find((one) => one.service === service && one.name === name);
    if (!span)
      throw new Error(`no ${service} ${name} among ${spans.map((one) => `${one.service} ${one.name}`).join()}`);
    return span;
  };
  const call = named('presage-gateway', 'default/traced');
  expect(call.parentSpanId).toBe(parent);
  expect(seen).toBe(`00-${trace}-${call.spanId}-01`);
  expect(named('presage-agent', 'acquire').parentSpanId).toBe(call.spanId);
  const workflow = named('presage-control', 'checkpointLifecycle');
  expect(workflow.parentSpanId).toBe(call.spanId);
  const activity = named('presage-control', 'takeCheckpoint');
  expect(activity.parentSpanId).toBe(workflow.spanId);
  expect(named('presage-agent', 'Checkpoint').parentSpanId).toBe(activity.spanId);
  // Nothing hangs in the air.
  const known = new Set([parent, ...spans.map(({ spanId }) => spanId)]);
  expect(spans.filter(({ parentSpanId }) => !known.has(parentSpanId ?? ''))).toEqual([]);

  // A deploy that nobody has traced before begins a trace of its own.
  const deploy = collector.spans.find(
    ({ name, service }) => service === 'presage-control' && name === 'deployFunction',
  );
  const of = collector.spans.filter(({ traceId }) => traceId === deploy?.traceId);
  expect(new Set(of.map(({ service }) => service))).toEqual(
    new Set(['presage-gateway', 'presage-control', 'presage-agent']),
  );
  expect(of.find(({ spanId }) => spanId === deploy?.parentSpanId)?.name).toMatch(/^(PUT|POST) \/v1\/functions/);

  // The latency of the call is an exemplar that leads to it.
  const metrics = await fetch(`${platform.url}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
  expect(await metrics.text()).toMatch(
    new RegExp(`_invocation_duration_seconds_bucket\\{[^}]*\\} \\d+ # \\{trace_id="`),
  );
});

test('secrets reach the function and nothing else', async () => {
  const secret = 'correct-horse-battery';
  expect(
    (await platform.probe.send('/v1/secrets/token', { method: 'PUT', body: JSON.stringify({ value: secret }) })).status,
  ).toBeLessThan(300);
  await platform.deploy(
    'keeper',
    { secrets: [{ name: 'token', env: 'TOKEN' }] },
    { 'index.js': 'exports.handler = () => ({ length: (process.env.TOKEN ?? "").length });' },
  );
  expect(JSON.parse((await platform.invoke('keeper')).body)).toEqual({ length: secret.length });
  for (const path of [
    '/v1/functions/keeper',
    '/v1/functions/keeper/revisions',
    '/v1/secrets',
    '/v1/events?limit=200',
    '/v1/instances',
  ]) {
    expect((await platform.probe.send(path)).body).not.toContain(secret);
  }
});

test('python, streaming and a function that answers with its own headers', async () => {
  await platform.deploy(
    'snake',
    { runtime: 'python', handler: 'main.handler' },
    { 'main.py': 'def handler(request):\n    return ({"args": dict(request.args)}, 201, {"x-own": "yes"})\n' },
  );
  const answer = await platform.invoke('snake', '/?a=1');
  expect(answer.status).toBe(201);
  expect(answer.headers['x-own']).toBe('yes');
  await platform.deploy(
    'stream',
    {},
    { 'index.js': 'exports.handler = (req, res) => { res.write("first,"); setTimeout(() => res.end("last"), 50); };' },
  );
  expect((await platform.invoke('stream')).body).toBe('first,last');
});

test('any HTTP server on $PORT will do', async () => {
  const server =
    'require("node:http").createServer((q, s) => s.end("mine " + q.url)).listen(Number(process.env.PORT), "0.0.0.0");';
  await platform.deploy(
    'server',
    { runtime: 'http', handler: undefined, command: ['node', 'server.js'] },
    { 'server.js': server },
  );
  expect((await platform.invoke('server', '/a/b?c=d')).body).toBe('mine /a/b?c=d');
});

test('deleted functions are gone', async () => {
  expect((await platform.cli('delete', 'talker', '--yes')).code).toBe(0);
  await until('404', async () => (await platform.invoke('talker')).status === 404);
});

test('the CLI says what is wrong with a manifest, all at once, with exit status 2', async () => {
  const folder = await writeFunction('Bad Name', { handler: undefined, resources: { memory: 'lots' } }, {});
  const { code, stderr } = await platform.cli('deploy', folder);
  expect(code).toBe(2);
  for (const words of ['metadata.name', 'spec.handler', 'spec.resources.memory']) expect(stderr).toContain(words);
});

describeWebSockets(() => platform);
