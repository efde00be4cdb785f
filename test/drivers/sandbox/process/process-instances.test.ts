import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PlatformError } from '../../../../core/error/platform-error';
import type { RunSpec } from '../../../../core/function/run-spec';
import { createProcessDriver } from '../../../../drivers/sandbox/process/process-driver';
import { readProcess } from '../../../../drivers/sandbox/process/proc-table';
import type { RunningSandbox, SandboxDriver, SandboxLogLine } from '../../../../drivers/sandbox/sandbox';
import { ask } from '../ask';
import { testRunSpec } from '../run-spec';
import { waitFor } from '../wait-for';

const log = { info: () => undefined, warn: () => undefined };

describe('process driver, beyond the contract', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'presage-instances-'));
  const runDir = path.join(root, 'run');
  const lines: SandboxLogLine[] = [];
  const exits = new Map<string, { code: number | null; signal: string | null; outOfMemory: boolean }>();
  let driver: SandboxDriver;
  let count = 0;

  beforeAll(async () => {
    driver = createProcessDriver({ runDir, gatewayUrl: 'http://127.0.0.1:8080', log });
    await driver.open({ logged: (line) => void lines.push(line), exited: (id, how) => void exits.set(id, how) });
  });

  afterAll(async () => {
    await driver.close({ destroyAll: true });
    rmSync(root, { recursive: true, force: true });
  });

  async function launch(files: Record<string, string>, run: RunSpec): Promise<RunningSandbox> {
    const id = `p${count++}`;
    const codeDir = path.join(root, `code-${id}`);
    mkdirSync(codeDir);
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(codeDir, name), text, { mode: 0o755 });
    await driver.create({ id, run, codeDir });
    return driver.start(id);
  }

  const answer = (sandbox: RunningSandbox, target = '/', endpoint = 0): Promise<string> =>
    waitFor('an answer', async () => (await ask(sandbox.endpoints[endpoint]!, target, { timeoutMs: 3000 })).text);

  test('destroy ends children too, those that left the process group as well', async () => {
    const code = `
      const { spawn } = require('node:child_process');
      const child = spawn('sleep', ['1000']);
      const stray = spawn('sh', ['-c', 'sleep 1000 & echo'], { detached: true });
      exports.handler = () => [child.pid, stray.pid];`;
    const sandbox = await launch({ 'index.js': code }, testRunSpec('nodejs'));
    const pids = JSON.parse(await answer(sandbox)) as number[];
    expect((await driver.stats(sandbox.id)).pids).toBeGreaterThan(2);
    await driver.destroy(sandbox.id);
    // gone, or waiting for its new parent to take notice
    for (const pid of [sandbox.pid, ...pids]) expect([undefined, 'Z']).toContain((await readProcess(pid))?.state);
    const left = spawn('sh', ['-c', `grep -lz PRESAGE_INSTANCE=${sandbox.id}$ /proc/[0-9]*/environ 2>/dev/null; true`]);
    let found = '';
    left.stdout.on('data', (piece: Buffer) => (found += piece.toString()));
    await once(left, 'close');
    expect(found).toBe('');
  }, 30_000);

  test('a function learns where the gateway is, unless it is to call nobody', async () => {
    const code = 'exports.handler = () => process.env.PRESAGE_GATEWAY_URL ?? "nowhere";';
    const open = await launch({ 'index.js': code }, testRunSpec('nodejs', { network: 'egress' }));
    expect(await answer(open)).toBe('http://127.0.0.1:8080');
    const shut = await launch({ 'index.js': code }, testRunSpec('nodejs', { network: 'none' }));
    expect(await answer(shut)).toBe('nowhere');
  }, 30_000);

  test('runtime http: any program, on the port or on the socket', async () => {
    const server = `#!/usr/bin/env node
      require('http').createServer((q, s) => s.end('port ' + process.argv[2])).listen(process.env.PORT, '127.0.0.1');`;
    const run = testRunSpec('http', { command: ['server.js', 'three'] });
    const sandbox = await launch({ 'server.js': server }, run);
    expect(sandbox.endpoints.map((endpoint) => endpoint.kind)).toEqual(['unix', 'tcp']);
    expect(await answer(sandbox, '/', 1)).toBe('port three');
  }, 30_000);

  test('a program that is not there, and a code folder that is not there: start_failed or an exit, with the reason', async () => {
    // How soon it ends decides which of the two it is.
    const outcome = await launch({}, testRunSpec('http', { command: ['no-such-program'] })).catch(
      (error: unknown) => error as PlatformError,
    );
    if ('code' in outcome) expect(outcome.code).toBe('start_failed');
    else {
      await waitFor('the exit', () => exits.get(outcome.id));
      const own = lines.filter((line) => line.instanceId === outcome.id).map((line) => line.text);
      expect(own.join()).toContain('no-such-program');
    }
    await driver.create({ id: 'nocode', run: testRunSpec('nodejs'), codeDir: '/nowhere' });
    await expect(driver.start('nocode')).rejects.toMatchObject({ code: 'start_failed' });
    await driver.destroy('nocode');
    const oci = { id: 'oci', run: testRunSpec('nodejs', { codeKind: 'oci' }), codeDir: root };
    await driver.create(oci);
    await expect(driver.start('oci')).rejects.toMatchObject({ code: 'unsupported' });
    await driver.destroy('oci');
  }, 30_000);

  test('a code that cannot be loaded: exit 78 and its log line', async () => {
    const sandbox = await launch({ 'index.js': 'exports.handler = (' }, testRunSpec('nodejs'));
    const exit = await waitFor('the exit', () => exits.get(sandbox.id));
    expect(exit).toEqual({ code: 78, signal: null, outOfMemory: false });
    // the lines come before the exit
    expect(
      lines
        .filter((line) => line.instanceId === sandbox.id)
        .map((line) => line.text)
        .join(),
    ).toContain('SyntaxError');
  }, 30_000);

  test('eating memory ends the instance, as out of memory', async () => {
    const limits = { memoryBytes: 96 * 2 ** 20, cpuMillis: 1000, pids: 64 };
    const heap = await launch(
      { 'index.js': 'const all = []; exports.handler = () => { for (;;) all.push(new Array(1e5).fill(1.5)); };' },
      testRunSpec('nodejs', { limits }),
    );
    const python = await launch(
      { 'main.py': "kept = []\ndef handler(request):\n    kept.append(b'x' * 200_000_000)\n    return 'ok'\n" },
      testRunSpec('python', { limits }),
    );
    for (const sandbox of [heap, python]) {
      await answer(sandbox, '/_presage/health');
      void ask(sandbox.endpoints[0]!, '/').catch(() => undefined); // its connection breaks, or it is killed afterwards
    }
    expect((await waitFor('the exit', () => exits.get(heap.id))).outOfMemory).toBe(true);
    expect((await waitFor('the exit', () => exits.get(python.id))).outOfMemory).toBe(true);
  }, 60_000);

  test('a function outlives a dead agent, its floods too, and the next agent reads what it wrote', async () => {
    const other = path.join(root, 'other');
    const dead = createProcessDriver({ gatewayUrl: null, runDir: other, log });
    await dead.open({ logged: () => undefined, exited: () => undefined });
    const codeDir = path.join(root, 'code-flood');
    mkdirSync(codeDir);
    writeFileSync(
      path.join(codeDir, 'index.js'),
      "exports.handler = (req) => { for (let n = 0; n < 30000; n++) console.log('x'.repeat(99)); console.log('last'); return 'ok'; };",
    );
    await dead.create({ id: 'flood', run: testRunSpec('nodejs'), codeDir });
    const sandbox = await dead.start('flood');
    await answer(sandbox, '/_presage/health');
    await dead.close({ destroyAll: false });
    expect(await answer(sandbox)).toBe('ok');

    const heard: string[] = [];
    const next = createProcessDriver({ gatewayUrl: null, runDir: other, log });
    await next.open({ logged: (line) => void heard.push(line.text), exited: () => undefined });
    expect((await next.recover()).map((each) => each.id)).toEqual(['flood']);
    await waitFor('what was written meanwhile', () => heard.length > 500);
    expect(await answer(sandbox)).toBe('ok');
    await waitFor('new lines', () => heard.includes('last'));
    await next.close({ destroyAll: true });
    expect(() => process.kill(sandbox.pid, 0)).toThrow('ESRCH');
  }, 60_000);

  test('a number that another process has meanwhile is not taken for the instance', async () => {
    const sandbox = await launch({ 'index.js': "exports.handler = () => 'ok';" }, testRunSpec('nodejs'));
    const folder = path.join(root, 'reused/i/old');
    mkdirSync(folder, { recursive: true });
    const state = JSON.parse(readFileSync(path.join(runDir, 'i', sandbox.id, 'state.json'), 'utf8'));
    state.process.startTime -= 1;
    writeFileSync(path.join(folder, 'state.json'), JSON.stringify({ ...state, id: 'old' }));
    const next = createProcessDriver({ gatewayUrl: null, runDir: path.join(root, 'reused'), log });
    await next.open({ logged: () => undefined, exited: () => undefined });
    expect(await next.recover()).toEqual([]);
    await next.close({ destroyAll: true });
    expect(await answer(sandbox)).toBe('ok');
  }, 30_000);

  test('a run folder too deep for a socket is refused with advice', async () => {
    const deep = createProcessDriver({ gatewayUrl: null, runDir: path.join(root, 'x'.repeat(80)), log });
    await deep.open({ logged: () => undefined, exited: () => undefined });
    const spec = { id: 'deep', run: testRunSpec('nodejs'), codeDir: root };
    await expect(deep.create(spec)).rejects.toMatchObject({
      code: 'start_failed',
      hint: expect.stringContaining('shorter'),
    });
    await deep.close({ destroyAll: true });
  });
});
