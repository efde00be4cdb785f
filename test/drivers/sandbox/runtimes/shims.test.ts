import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureReseed } from '../../../../drivers/sandbox/runc/setup/ensure-reseed';
import { ask } from '../ask';
import { waitFor } from '../wait-for';
import { nodeFunction } from './node-function';
import { pythonFunction } from './python-function';
import { ShimProcess, type ShimOptions, type ShimRuntime } from './shim-process';

const json = { 'content-type': 'application/json' };
const MEGABYTE = 1024 * 1024;

describe.each(['nodejs', 'python'] as const)('the %s shim', (runtime: ShimRuntime) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'presage-reseed-'));
  const files: Record<string, string> =
    runtime === 'nodejs' ? { 'index.js': nodeFunction } : { 'main.py': pythonFunction };
  const open: ShimProcess[] = [];
  let reseed = '';
  let shared: ShimProcess;

  async function start(options: Partial<ShimOptions> = {}): Promise<ShimProcess> {
    const shim = launch(options);
    return shim.ready();
  }

  function launch(options: Partial<ShimOptions> = {}): ShimProcess {
    const shim = new ShimProcess(runtime, { files, ...options, env: { PRESAGE_RESEED: reseed, ...options.env } });
    open.push(shim);
    return shim;
  }

  beforeAll(async () => {
    if (runtime === 'nodejs') reseed = await ensureReseed(folder, () => undefined);
    shared = await start();
  }, 60_000);

  afterAll(async () => {
    for (const shim of open) await shim.close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  test('answers with what the handler returns', async () => {
    const object = await shared.ask('/object');
    expect([object.status, object.headers['content-type'], object.text]).toEqual([
      200,
      'application/json; charset=utf-8',
      expect.stringMatching(/^\{"a": ?1\}$/),
    ]);
    expect(Number(object.headers['x-presage-cpu-us'])).toBeGreaterThan(0);
    const text = await shared.ask('/text');
    expect([text.headers['content-type'], text.text]).toEqual(['text/plain; charset=utf-8', 'tëxt']);
    expect((await shared.ask('/bytes')).headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '3',
    });
    const status = await shared.ask('/status');
    expect([status.status, status.headers['x-tea'], JSON.parse(status.text)]).toEqual([418, 'pot', { short: true }]);
  });

  test('gives the handler the request', async () => {
    const headers = { 'user-agent': 'test', 'x-presage-deadline': '1700000000000' };
    const answer = await shared.ask('/request?a=1&b=2&b=3&c=%C3%A4', { method: 'PUT', headers });
    expect(JSON.parse(answer.text)).toEqual({
      method: 'PUT',
      path: '/request',
      query: { a: '1', b: ['2', '3'], c: 'ä' },
      agent: 'test',
      deadline: 1700000000000,
    });
  });

  test('parses JSON and forms, and says what is wrong with a body', async () => {
    const good = await shared.ask('/json', { body: '{"a":[1,"ü"]}', headers: json });
    expect(JSON.parse(good.text)).toEqual({ got: { a: [1, 'ü'] } });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(JSON.parse((await shared.ask('/form', { body: 'a=1&b=%20x', headers: form })).text)).toEqual({
      got: { a: '1', b: ' x' },
    });
    const bad = await shared.ask('/json', { body: '{', headers: json });
    expect([bad.status, bad.headers['content-type']]).toEqual([400, 'application/problem+json']);
    expect(JSON.parse(bad.text)).toMatchObject({ code: 'invalid_argument', detail: expect.stringContaining('JSON') });
    const target = runtime === 'nodejs' ? '/json' : '/data';
    const large = await shared.ask(target, { body: Buffer.alloc(11 * MEGABYTE, '1'), headers: json });
    expect([large.status, JSON.parse(large.text).code]).toEqual([413, 'payload_too_large']);
  }, 30_000);

  test('takes and gives 10 MB', async () => {
    for (const headers of [json, { 'content-type': 'application/octet-stream' }, { 'transfer-encoding': 'chunked' }]) {
      const body = Buffer.from(`"${'a'.repeat(10 * MEGABYTE - 2)}"`);
      expect(JSON.parse((await shared.ask('/size', { body, headers })).text)).toEqual({ bytes: 10 * MEGABYTE });
    }
    expect((await shared.ask('/big')).text.length).toBe(10 * MEGABYTE);
  }, 30_000);

  test('streams both ways: each piece comes back before the next is sent', async () => {
    const socketPath = path.join(shared.folder, 'http.sock');
    const outgoing = request({ socketPath, path: '/pipe', method: 'POST', agent: false });
    const response = new Promise<IncomingMessage>((resolve) => outgoing.on('response', resolve));
    outgoing.write('ping0');
    const incoming = await response;
    const pieces: string[] = [];
    incoming.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
    for (let turn = 0; turn < 3; turn++) {
      await waitFor('the echo', () => pieces.join('') === [...Array(turn + 1).keys()].map((n) => `ping${n}`).join(''));
      if (turn < 2) outgoing.write(`ping${turn + 1}`);
    }
    outgoing.end();
    await new Promise((resolve) => incoming.on('end', resolve));

    const stream = await shared.ask('/stream');
    expect(stream.headers['transfer-encoding']).toBe('chunked');
    expect(stream.text).toBe('part0\npart1\npart2\n');
  }, 30_000);

  test('keeps connections open, and after a body that nobody read too', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    const once = (target: string, body?: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const socketPath = path.join(shared.folder, 'http.sock');
        const outgoing = request({ socketPath, path: target, method: body ? 'POST' : 'GET', agent }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode ?? 0));
        });
        outgoing.on('socket', (socket) => sockets.add(socket)).on('error', reject);
        outgoing.end(body);
      });
    for (let count = 0; count < 5; count++) {
      expect(await once('/text')).toBe(200);
      expect(await once('/object', 'nobody reads this')).toBe(200);
    }
    expect(sockets.size).toBe(1);
    agent.destroy();
  });

  test('HEAD, a missing route and 100-continue', async () => {
    const head = await shared.ask('/text', { method: 'HEAD' });
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', '5']);
    const expecting = await shared.ask('/json', {
      body: '{"a":1}',
      headers: { ...json, expect: '100-continue' },
    });
    expect(JSON.parse(expecting.text)).toEqual({ got: { a: 1 } });
    expect((await shared.ask('/_presage/nothing')).status).toBe(404);
  });

  test('lines of parallel requests never mix and carry their invocation', async () => {
    const numbers = [...Array(8).keys()].map(String);
    await Promise.all(
      numbers.map((n) => shared.ask(`/tagged?n=${n}`, { headers: { 'x-presage-invocation': `inv-${n}` } })),
    );
    const expected = runtime === 'nodejs' ? 11 : 10;
    for (const n of numbers) {
      const of = (): string[] =>
        shared.lines.filter((line) => line.invocationId === `inv-${n}`).map((line) => line.text);
      await waitFor('its lines', () => of().length >= expected);
      const later = runtime === 'nodejs' ? [`later ${n}`] : [];
      const both = [...Array<string>(5).fill(`begin ${n} end ${n}`), ...Array<string>(5).fill(`error ${n}`), ...later];
      expect(of().sort()).toEqual(both.sort());
    }
    expect((await shared.line('loading')).invocationId).toBeNull();
    await shared.ask('/unfinished', { headers: { 'x-presage-invocation': 'inv-u' } });
    expect((await shared.line('no newline')).invocationId).toBe('inv-u');
  }, 30_000);

  test('a handler that throws: 500 to the caller, the reason to the log alone', async () => {
    const answer = await shared.ask('/throw', { headers: { 'x-presage-invocation': 'inv-t' } });
    expect([answer.status, answer.headers['content-type'], answer.headers['x-presage-error']]).toEqual([
      500,
      'application/problem+json',
      'handler_failed',
    ]);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'handler_failed', status: 500, requestId: 'inv-t' });
    expect(answer.text).not.toContain('secret reason');
    expect(await shared.line(/secret reason/)).toMatchObject({ stream: 'stderr', invocationId: 'inv-t' });
    await expect(shared.ask('/throw-late')).rejects.toThrow();
    await shared.line(/after the head/);
    expect((await shared.ask('/text')).status).toBe(200);
  });

  test('a slow handler does not hold up others', async () => {
    const slow = shared.ask('/slow?ms=1500');
    const began = Date.now();
    for (let count = 0; count < 5; count++) expect((await shared.ask('/text')).status).toBe(200);
    expect(Date.now() - began).toBeLessThan(1500);
    expect((await slow).text).toBe('slept');
  }, 30_000);

  test('a caller who hangs up ends the work', async () => {
    const shim = await start();
    const socketPath = path.join(shim.folder, 'http.sock');
    const outgoing = request({
      socketPath,
      path: '/wait-abort',
      agent: false,
      headers: { 'x-presage-invocation': 'a' },
    });
    outgoing.on('error', () => undefined).end();
    await shim.line('waiting');
    outgoing.destroy();
    expect((await shim.line('aborted')).invocationId).toBe('a');
    expect((await shim.ask('/text')).status).toBe(200);
    expect(shim.text()).not.toContain('Error');
  }, 30_000);

  test('an exit in a handler breaks the connection, and its last lines arrive', async () => {
    const shim = await start();
    await expect(shim.ask('/exit')).rejects.toThrow();
    expect(await shim.ended()).toEqual({ code: 7, signal: null });
    expect(shim.text()).toContain('loading');
  });

  test('floods are read in full while somebody reads, and cost nobody else when not', async () => {
    const shim = await start();
    expect((await shim.ask('/flood?lines=100000')).text).toBe('flooded');
    await waitFor('all lines', () => shim.lines.filter((line) => line.text.length === 99).length === 100_000);
    await shim.ask('/long-line');
    expect((await shim.line(/^y+/)).text.length).toBeLessThanOrEqual(16 * 1024);

    const unread = await start({ readLogs: false });
    const began = Date.now();
    for (let count = 0; count < 3; count++) expect((await unread.ask('/flood?lines=50000')).text).toBe('flooded');
    expect(Date.now() - began).toBeLessThan(10_000);
    // somebody reads again: what is in the pipe, then the count of what was lost
    let text = '';
    unread.child.stdout!.on('data', (piece: Buffer) => (text += piece.toString()));
    await waitFor('the notice', async () => {
      await unread.ask('/flood?lines=1');
      return /presage: \d+ log writes were dropped/.test(text);
    });
  }, 60_000);

  test('a handler that cannot be loaded: exit 78 and a line that says why', async () => {
    const broken: [Partial<ShimOptions>, RegExp][] =
      runtime === 'nodejs'
        ? [
            [{ files: { 'index.js': 'exports.handler = (' } }, /cannot load handler index\.handler.*\n[^]*SyntaxError/],
            [{ files: { 'index.js': 'exports.other = 1' } }, /does not export a function "handler"; it exports other/],
            [{ files: { 'other.js': '' } }, /there is no index\.js/],
            [{ files: { 'index.js': 'require("missing-package")' } }, /Cannot find module 'missing-package'/],
          ]
        : [
            [{ files: { 'main.py': 'def handler(' } }, /cannot load handler main\.handler: SyntaxError/],
            [{ files: { 'main.py': 'other = 1' } }, /does not define a function 'handler'/],
            [{ files: { 'other.py': '' } }, /there is no main\.py/],
            [{ files: { 'main.py': 'import missing_package' } }, /No module named 'missing_package'/],
          ];
    for (const [options, reason] of broken) {
      const shim = launch(options);
      expect(await shim.ended()).toEqual({ code: 78, signal: null });
      expect(shim.text()).toMatch(reason);
    }
  }, 30_000);

  test('SIGTERM: requests in flight end, then it exits', async () => {
    const shim = await start();
    const slow = shim.ask('/slow?ms=500');
    await shim.ask('/text');
    shim.child.kill('SIGTERM');
    expect((await slow).text).toBe('slept');
    expect(await shim.ended()).toEqual({ code: 0, signal: null });
  }, 30_000);

  test('a fresh clone wakes once, before any request is served, with numbers of its own', async () => {
    // the same seed for both stands for the same memory
    const flags = runtime === 'nodejs' ? ['--random-seed=42'] : [];
    const twins = [await start({ flags }), await start({ flags })];
    const numbers = async (shim: ShimProcess): Promise<unknown[]> => JSON.parse((await shim.ask('/random')).text);
    const [one, two] = await Promise.all(twins.map(numbers));
    expect(one?.[0]).toBe(two?.[0]);
    const woken: unknown[] = [];
    for (const [index, shim] of twins.entries()) {
      const headers = { 'x-presage-instance': `clone-${index}`, 'x-presage-invocation': 'inv-1' };
      const answers = await Promise.all([...Array(5).keys()].map(() => shim.ask('/random', { headers })));
      for (const answer of answers) woken.push(...(JSON.parse(answer.text) as unknown[]));
      expect((await shim.line('after hook 1')).invocationId).toBeNull();
      await shim.ask('/_presage/after-restore', { method: 'POST', headers });
      await shim.ask('/text', { headers });
      expect(shim.lines.filter((line) => line.text.startsWith('after hook')).length).toBe(1);
    }
    expect(new Set(woken).size).toBe(2 * 5 * 3);
  }, 30_000);

  test('control requests: hooks run, connections close, failures are told', async () => {
    const shim = await start();
    const idle = new Agent({ keepAlive: true });
    const socketPath = path.join(shim.folder, 'http.sock');
    const closed = new Promise((resolve) => {
      request({ socketPath, path: '/text', agent: idle }, (response) => response.resume())
        .on('socket', (socket) => socket.on('close', resolve))
        .end();
    });
    await waitFor('an idle connection', () => Object.values(idle.freeSockets).flat().length === 1);
    const before = await shim.ask('/_presage/before-checkpoint', { method: 'POST' });
    expect([before.status, before.headers.connection]).toEqual([200, 'close']);
    await closed;
    await shim.line('before hook');
    const after = await shim.ask('/_presage/after-restore', {
      method: 'POST',
      headers: { 'x-presage-instance': 'clone' },
    });
    expect([after.status, JSON.parse(after.text)]).toEqual([200, { afterRestore: true }]);
    await shim.line('after hook 1');

    const unwilling = await start({ env: { FAIL: 'before' } });
    const refused = await unwilling.ask('/_presage/before-checkpoint', { method: 'POST' });
    expect(refused.status).toBe(500);
    await unwilling.line(/not now/);

    const dead = await start({ env: { FAIL: 'after' } });
    const answer = await ask(dead.endpoint, '/text', { headers: { 'x-presage-instance': 'clone' } });
    expect([answer.status, answer.headers['x-presage-error']]).toEqual([500, 'restore_failed']);
    expect((await dead.ended()).code).toBe(70);
    expect(dead.text()).toContain('cannot wake');
  }, 30_000);
});
