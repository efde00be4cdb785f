import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FakePlatform, presage, problem, type RunOptions } from './fake-platform';

let platform: FakePlatform;
beforeAll(async () => {
  platform = await FakePlatform.start();
});
beforeEach(() => platform.reset());
afterAll(() => platform.stop());

const run = (argv: string[], options: RunOptions = {}) =>
  presage(argv, { cwd: platform.folder, env: { PRESAGE_URL: platform.url }, ...options });

describe('invoke', () => {
  test('the body alone is on stdout, byte for byte', async () => {
    platform.on('GET /fn/default/hello/', (_seen, response) => void response.end('no newline'));
    expect(await run(['invoke', 'hello'])).toEqual({ status: 0, stdout: 'no newline', stderr: '' });
  });

  test('-v tells status, start kind, cause and times on stderr', async () => {
    platform.on('POST /fn/shop/hello@canary/a', (_seen, response) => {
      response.writeHead(201, {
        'x-presage-start': 'restore',
        'x-presage-cause': 'expired',
        'x-presage-node': 'edge-1',
        'x-presage-revision': '7',
        'x-presage-platform-ms': '12.34',
        'x-request-id': 'inv-1',
      });
      response.end('made');
    });
    const argv = ['invoke', 'hello', '--alias', 'canary', '--tenant', 'shop', '--path', 'a?b=c', '-d', '{"x":1}', '-v'];
    const { status, stdout, stderr } = await run(argv);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'made' });
    expect(stderr).toMatch(
      /HTTP 201 Created · start restore \(expired\) · revision 7 · node edge-1 · platform 12\.3 ms · first byte .* · total /,
    );
    expect(stderr).toContain('presage explain inv-1');
    expect(platform.seen[0]).toMatchObject({ query: { b: 'c' }, headers: { 'content-type': 'application/json' } });
    expect(String(platform.seen[0]?.body)).toBe('{"x":1}');
  });

  test('a body comes from a file or from standard input, with headers and method as asked', async () => {
    platform.on(
      'PUT /fn/default/echo/',
      ({ body, headers }, response) => void response.end(`${String(headers['x-a'])} ${String(body)}`),
    );
    await writeFile(path.join(platform.folder, 'body.bin'), Buffer.from('from file'));
    const common = ['invoke', 'echo', '-X', 'put', '-H', 'X-A: 1', '-H', 'x-a: 2', '-H', 'content-type: text/plain'];
    expect((await run([...common, '-d', '@body.bin'])).stdout).toBe('1, 2 from file');
    expect((await run([...common, '-d', '-'], { stdin: 'from stdin' })).stdout).toBe('1, 2 from stdin');
    expect(platform.seen[0]?.headers['content-type']).toBe('text/plain');
    expect((await run([...common, '-d', '@absent'])).stderr).toMatch(/absent cannot be read/);
  });

  test("a function's own failure is its answer, with status 1", async () => {
    platform.on('GET /fn/default/sad/', (_seen, response) => void response.writeHead(404).end('nothing here'));
    expect(await run(['invoke', 'sad'])).toEqual({ status: 1, stdout: 'nothing here', stderr: '' });
    platform.on('GET /fn/default/sad/', (_seen, response) => {
      response
        .writeHead(422, { 'content-type': 'application/problem+json' })
        .end('{"type":"urn:shop","title":"out of stock"}');
    });
    expect(await run(['invoke', 'sad'])).toMatchObject({
      status: 1,
      stdout: '{"type":"urn:shop","title":"out of stock"}',
    });
  });

  test("the platform's failure is an error, and a near name is suggested", async () => {
    const path = '/fn/default/helo/';
    platform.on(`GET ${path}`, (_seen, response) =>
      problem(response, 404, 'function_not_found', { detail: 'No function helo' }),
    );
    platform.on('GET /v1/functions', { items: [{ name: 'hello' }], next: null });
    const { status, stdout, stderr } = await run(['invoke', 'helo']);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain('Error (function_not_found): No function helo');
    expect(stderr).toContain('Did you mean: presage invoke hello');
  });
});

describe('logs', () => {
  const line = (id: number, change: object = {}) => ({
    id: String(id),
    at: '2026-01-02T03:04:05.000Z',
    function: 'hello',
    revision: 1,
    node: 'local',
    instance: 'abcdefghij',
    invocation: null,
    stream: 'stdout',
    text: `line ${id}`,
    ...change,
  });

  test('the last lines, oldest first', async () => {
    platform.on('GET /v1/functions/hello/logs', { items: [line(2), line(1)], next: 'more' });
    const { stdout } = await run(['logs', 'hello', '--tail', '2']);
    expect(stdout).toBe('2026-01-02T03:04:05.000Z abcdefgh line 1\n2026-01-02T03:04:05.000Z abcdefgh line 2\n');
    expect(platform.seen).toHaveLength(1);
    expect(platform.seen[0]?.query).toEqual({ order: 'newest', limit: '2' });
  });

  test('since a time, oldest first; or of one invocation', async () => {
    platform.on('GET /v1/functions/hello/logs', { items: [line(1)], next: null });
    platform.on('GET /v1/invocations/inv-1/logs', { items: [line(3)], next: null });
    const before = Date.now();
    await run(['logs', 'hello', '--since', '10m']);
    const { since, order } = platform.seen[0]?.query ?? {};
    expect(order).toBe('oldest');
    expect(before - Date.parse(since ?? '')).toBeGreaterThanOrEqual(600_000 - 60_000);
    expect((await run(['logs', 'hello', '--invocation', 'inv-1', '-o', 'json'])).stdout).toBe(
      `${JSON.stringify([line(3)], null, 2)}\n`,
    );
  });

  test('a line cannot write to the terminal what it likes', async () => {
    platform.on('GET /v1/functions/hello/logs', {
      items: [line(1, { text: '\u001b]0;title\u0007\u001b[2J\u001b[31mred\u001b[0m\ttab\r' })],
      next: null,
    });
    const { stdout } = await run(['logs', 'hello']);
    expect(stdout).toContain('\\x1b]0;title\\x07\\x1b[2J\u001b[31mred\u001b[0m\ttab');
  });

  test('--follow goes on after a broken stream, until it is stopped', async () => {
    const frame = (id: number): string => `id: ${id}\nevent: log\ndata: ${JSON.stringify(line(id))}\n\n`;
    platform.on('GET /v1/functions/hello/logs', ({ headers }, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (headers['last-event-id'] === undefined) response.write(frame(1) + frame(2), () => response.destroy());
      else response.write(`: still here\n\n${frame(3)}`);
    });
    const stop = new AbortController();
    const { status, stdout } = await run(['logs', 'hello', '--follow', '-o', 'json'], {
      stopped: stop.signal,
      onOutput: (text) => text.split('\n').length === 4 && stop.abort(),
    });
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n').map((text) => (JSON.parse(text) as { id: string }).id)).toEqual(['1', '2', '3']); // prettier-ignore
    expect(platform.seen[0]?.headers.accept).toBe('text/event-stream');
    expect(platform.seen[1]?.headers['last-event-id']).toBe('2');
  });

  test('following a function that does not exist ends at once', async () => {
    platform.on('GET /v1/functions/hello/logs', (_seen, response) => problem(response, 404, 'function_not_found'));
    expect((await run(['logs', 'hello', '-f'])).status).toBe(3);
  });
});

describe('invocations', () => {
  const invocation = {
    id: 'inv-1',
    at: '2026-01-02T03:04:05.000Z',
    function: 'hello',
    revision: 3,
    node: 'local',
    instance: 'i-1',
    method: 'GET',
    path: '/x',
    status: 200,
    errorCode: null,
    kind: 'restore',
    cause: 'expired',
    queueMs: 1,
    startMs: 12,
    executeMs: 2.5,
    totalMs: 15.5,
    firstByteMs: 15,
    phases: { admit: 0.5, wait: 12, agentQueue: 0, sandbox: 9, ready: 3, firstByte: 2, body: 0.5 },
    cpuMicros: 1500,
    memoryByteMs: 2 ** 30 * 1000,
    bytesIn: 0,
    bytesOut: 2048,
    traceId: null,
    userRegion: null,
    caller: 'cart',
  };

  test('list filters and shows where the time went', async () => {
    platform.on('GET /v1/invocations', { items: [invocation], next: null });
    const argv = ['invocations', 'list', '--function', 'hello', '--kind', 'restore', '--status', 'ok', '--limit', '5'];
    const { stdout } = await run(argv);
    expect(stdout).toMatch(/inv-1 .*hello +200 +restore +expired +1\.00 ms +12\.0 ms +2\.50 ms +15\.5 ms/);
    expect(platform.seen[0]?.query).toEqual({ function: 'hello', kind: 'restore', status: 'ok', limit: '5' });
  });

  test('explain tells why, and where each millisecond went', async () => {
    const start = {
      ...{ id: 'inv-1', kind: 'restore', cause: 'expired', waitedMs: 13, price: 130, busy: 0, restedSeconds: 720 },
      rungs: [{ rung: 'frozen', delayMs: 2.7, price: 1_608.5 }],
      policies: [{ policy: 'fixed:10m', rung: 'nothing', price: 1_340 }],
    };
    platform.on('GET /v1/invocations/inv-1', invocation);
    const part = { quantity: 1, unit: 'request', price: 0.2 };
    const cost = {
      ...{ id: 'inv-1', table: 'aws-lambda', asOf: '2025-11-01', tier: 'edge', amount: 17.25, picoDollars: 17_250_000 },
      parts: [
        { ...part, component: 'request', amount: 0.2 },
        { ...part, component: 'compute', amount: 0 },
        { ...part, component: 'memory', amount: 17.05 },
      ],
    };
    platform.on('GET /v1/invocations/inv-1/cost', cost);
    platform.on('GET /v1/invocations/inv-1/explanation', start);
    const { status, stdout } = await run(['invocations', 'explain', 'inv-1']);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /Start +restore: an instance was restored from a checkpoint, because the instance before had been idle/,
    );
    expect(stdout).toMatch(/restore the sandbox +9\.00 ms +58 % +▇{24}\n/);
    expect(stdout).toMatch(/in all +15\.5 ms +100 %/);
    expect(stdout).toMatch(/Memory +1\.00 GiB·s/);
    expect(stdout).toMatch(/CPU +1\.50 ms/);
    expect(stdout).toMatch(/Cost +17\.3 µ\$ \(request 0\.2 µ\$, memory 17\.1 µ\$\), by aws-lambda on the tier edge/);
    expect(stdout).toContain('The wait of 13.0 ms is worth 130 µ$. Its instance had rested for 12 min 0 s:');
    expect(stdout).toMatch(/kept frozen +1610 µ\$ +2.70 ms to wait\n/);
    expect(stdout).toMatch(/fixed:10m +1340 µ\$ +nothing/);
    expect(JSON.parse((await run(['explain', 'inv-1', '-o', 'json'])).stdout)).toEqual({ ...invocation, start, cost });
  });
});
