import { request } from 'node:http';
import { jsonOf } from '../../bench/harness/http-probe';
import { openTestPlatform, until, writeFunction, type TestPlatform } from './support/test-platform';

jest.setTimeout(300_000);

let platform: TestPlatform;

beforeAll(async () => {
  platform = await openTestPlatform({ PRESAGE__GATEWAY__MAXBODY: '2Mi', PRESAGE__GATEWAY__MAXCODE: '5Mi' });
  await platform.deploy('good', {}, { 'index.js': 'exports.handler = () => "fine";' });
});
afterAll(() => platform.stop());

/** Whatever the last test did, the platform serves. */
afterEach(async () => {
  expect((await platform.invoke('good')).body).toBe('fine');
});

const never = { when: 'never' } as const;
const code = (body: string): string => (JSON.parse(body) as { code: string }).code;

test('a handler that throws: 500 to the caller, the stack only in the function’s log', async () => {
  await platform.deploy(
    'throws',
    { checkpoint: never },
    { 'index.js': 'exports.handler = () => { throw new Error("inner detail"); };' },
  );
  const answer = await platform.invoke('throws');
  expect(answer.status).toBe(500);
  expect(code(answer.body)).toBe('handler_failed');
  expect(answer.body).not.toContain('inner detail');
  const id = String(answer.headers['x-request-id']);
  await until('the stack in the log', async () =>
    (await platform.probe.send(`/v1/invocations/${id}/logs`)).body.includes('inner detail'),
  );
});

test('a handler that exits: 502, and the next request gets a new instance', async () => {
  await platform.deploy(
    'exits',
    { checkpoint: never },
    { 'index.js': 'exports.handler = (req) => { if (req.query.die) process.exit(3); return "alive"; };' },
  );
  const answer = await platform.invoke('exits', '/?die=1');
  expect([answer.status, code(answer.body)]).toEqual([502, 'handler_failed']);
  expect((await platform.invoke('exits')).body).toBe('alive');
});

test('a handler that hangs: 504 at its first-byte time-out, and its instance is given up', async () => {
  await platform.deploy(
    'hangs',
    { checkpoint: never, timeouts: { firstByte: '500ms' } },
    { 'index.js': 'exports.handler = (req) => { if (req.query.hang) for (;;); return "back"; };' },
  );
  const answer = await platform.invoke('hangs', '/?hang=1');
  expect([answer.status, code(answer.body)]).toEqual([504, 'function_timeout']);
  expect((await platform.invoke('hangs')).body).toBe('back');
});

test('a flood of log lines is bounded and does not slow others', async () => {
  await platform.deploy(
    'floods',
    { checkpoint: never },
    {
      'index.js':
        'exports.handler = () => { for (let i = 0; i < 200000; i++) console.log("line", i); return "done"; };',
    },
  );
  expect((await platform.invoke('floods')).status).toBe(200);
});

test('one that eats memory is ended by its limit: 502, and the platform says why', async () => {
  const source = 'exports.handler = () => { const all = []; for (;;) all.push(Buffer.alloc(8e6, 1)); };';
  await platform.deploy('eats', { checkpoint: never, resources: { memory: '96Mi' } }, { 'index.js': source });
  const answer = await platform.invoke('eats');
  expect([answer.status, code(answer.body)]).toEqual([502, 'handler_failed']);
  await until('a line about the memory', async () =>
    /more memory than its limit/.test((await platform.probe.send('/v1/functions/eats/logs')).body),
  );
});

test('one that forks without end is held by its process limit', async () => {
  const source =
    'const { spawn } = require("node:child_process"); exports.handler = () => { let made = 0; for (let i = 0; i < 500; i++) { const c = spawn(process.execPath, ["-e", "setTimeout(()=>{},60000)"]); c.on("error", () => {}); if (c.pid) made++; } return { made }; };';
  await platform.deploy(
    'forks',
    { checkpoint: never, resources: { pids: 32, memory: '512Mi' } },
    { 'index.js': source },
  );
  const answer = await platform.invoke('forks');
  if (answer.status === 200) expect((JSON.parse(answer.body) as { made: number }).made).toBeLessThan(32);
  else expect([500, 502]).toContain(answer.status);
});

test('one that listens late is waited for; one that never listens fails to deploy with its reason', async () => {
  const late =
    'setTimeout(() => require("node:http").createServer((q, s) => s.end("late")).listen(Number(process.env.PORT), "0.0.0.0"), 1500);';
  await platform.deploy('late', { runtime: 'http', handler: undefined, command: ['node', 's.js'] }, { 's.js': late });
  expect((await platform.invoke('late')).body).toBe('late');
  const never = await writeFunction(
    'silent',
    { runtime: 'http', handler: undefined, command: ['node', 's.js'], timeouts: { start: '2s' } },
    { 's.js': 'setInterval(() => {}, 1000);' },
  );
  const outcome = await platform.cli('deploy', never);
  expect(outcome.code).toBe(1);
  expect(outcome.stderr + outcome.stdout).toMatch(/start_timeout|ready|listen/i);
});

test('code with a syntax error fails to deploy, with the line', async () => {
  const folder = await writeFunction('broken', {}, { 'index.js': 'exports.handler = (' });
  const outcome = await platform.cli('deploy', folder);
  expect(outcome.code).toBe(1);
  expect(outcome.stderr + outcome.stdout).toMatch(/SyntaxError/);
});

test.each([
  ['an unknown function', '/fn/default/nobody/', 404],
  ['a foreign tenant', '/fn/strangers/good/', 404],
  ['the shim’s own paths', '/fn/default/good/_presage/health', 404],
  ['an unknown route', '/v1/nothing', 404],
])('%s: a problem with its status', async (_what, path, status) => {
  const answer = await platform.probe.send(path);
  expect([status, status === 404 ? 403 : status]).toContain(answer.status);
  expect(answer.headers['content-type']).toContain('application/problem+json');
});

test('a wrong key is refused on both faces', async () => {
  for (const path of ['/v1/functions', '/fn/default/good/']) {
    const status = await new Promise<number>((resolve, reject) => {
      request(new URL(path, platform.url), { headers: { authorization: 'Bearer psk_wrong' } }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .once('error', reject)
        .end();
    });
    expect(status).toBe(401);
  }
});

test('a body over the limit is refused with 413', async () => {
  const answer = await platform.invoke('good', '/', {
    method: 'POST',
    body: JSON.stringify({ big: 'x'.repeat(3 * 2 ** 20) }),
  });
  expect([answer.status, code(answer.body)]).toEqual([413, 'payload_too_large']);
});

test('code over the limit is refused and nothing of it stays', async () => {
  const folder = await writeFunction(
    'huge',
    {},
    {
      'index.js': 'exports.handler = () => 1;',
      'blob.bin': Buffer.from(Array.from({ length: 9 * 2 ** 20 }, () => Math.floor(Math.random() * 94) + 33)).toString(
        'latin1',
      ),
    },
  );
  const outcome = await platform.cli('deploy', folder);
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toMatch(/too large|payload_too_large/i);
  expect(
    jsonOf<{ items: { name: string }[] }>(await platform.probe.send('/v1/functions')).items.map((item) => item.name),
  ).not.toContain('huge');
});
