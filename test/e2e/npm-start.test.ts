import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assetPath } from '../../drivers/asset-path';
import { environmentOf } from '../../workers/all/environment';
import { parseFlags } from '../../workers/all/flags';
import type { PidRecord } from '../../workers/all/process/pid-files';
import { isRunning, signal } from '../../workers/all/process/process-identity';
import { pidFiles } from '../../workers/all/start-command';

const FLAGS = ['--port', '--postgres-port', '--temporal-port', '--temporal-ui-port'];

describe('npm start', () => {
  jest.setTimeout(300_000);
  let folder: string;
  let flags: string[];
  let blocker: Server;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'presage-start-'));
    const servers = await Promise.all(FLAGS.map(() => listen()));
    const ports = servers.map((server) => String((server.address() as AddressInfo).port));
    await Promise.all(servers.slice(1).map(close));
    // The gateway's port stays taken for the first test.
    blocker = servers[0] as Server;
    flags = ['--data-dir', path.join(folder, 'data'), '--sandbox', 'process', '--no-examples'];
    flags.push(...FLAGS.flatMap((flag, index) => [flag, ports[index] ?? '']));
  });
  afterAll(async () => {
    await start('--stop');
    rmSync(folder, { recursive: true, force: true });
  });

  it('names a taken port, its holder and the flag, and leaves nothing running', async () => {
    const { status, text } = await start('--detach');
    expect(status).toBe(1);
    expect(text).toMatch(
      new RegExp(`port \\d+, wanted by the gateway, is taken by process ${process.pid} .*--port PORT`),
    );
    expect(children()).toEqual([]);
    await close(blocker);
  });

  it('gets ready in the background', async () => {
    const { status, text } = await start('--detach');
    expect({ status, text }).toMatchObject({ status: 0, text: expect.stringContaining('API docs') as string });
    expect(
      children()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['agent-local', 'control', 'gateway', 'postgres', 'supervisor', 'temporal']);
    expect((await fetch(`${clientFile().url}/readyz`)).status).toBe(200);
  });

  it('says the second time what runs already', async () => {
    const before = children();
    const { status, text } = await start();
    expect(status).toBe(0);
    expect(text).toContain('runs already');
    for (const { name, pid } of before) expect(text).toMatch(new RegExp(`${name} +pid ${pid}`));
    expect(children()).toEqual(before);
  });

  it('takes over what a killed supervisor left, and keeps its key', async () => {
    const before = children();
    const key = clientFile().apiKey;
    const supervisor = before.find(({ name }) => name === 'supervisor');
    if (!supervisor) throw new Error('no supervisor');
    signal(supervisor, 'SIGKILL');
    while (isRunning(supervisor)) await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await start('--detach')).status).toBe(0);
    const others = (records: readonly PidRecord[]): number[] =>
      records.filter(({ name }) => name !== 'supervisor').map(({ pid }) => pid);
    expect(others(children()).sort()).toEqual(others(before).sort());
    expect(clientFile().apiKey).toBe(key);
  });

  it('comes back with its state when everything was killed', async () => {
    const key = clientFile().apiKey;
    const before = children();
    for (const record of before) signal(record, 'SIGKILL');
    expect(await start('--detach')).toMatchObject({ status: 0 });
    const answer = await fetch(`${clientFile().url}/v1/status`, { headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    expect(before.some((record) => isRunning(record))).toBe(false);
  });

  it('ends everything on --stop', async () => {
    const before = children();
    const { status, text } = await start('--stop');
    expect({ status, text }).toMatchObject({
      status: 0,
      text: expect.stringContaining('Everything has ended') as string,
    });
    expect(before.filter((record) => isRunning(record))).toEqual([]);
    expect((await start('--stop')).text).toContain('Nothing runs');
  });

  function start(...more: string[]): Promise<{ status: number | null; text: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [assetPath('bin/start.js'), ...flags, ...more]);
      let text = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      child.once('error', reject);
      child.once('close', (status) => resolve({ status, text }));
    });
  }

  function children(): readonly PidRecord[] {
    return pidFiles(environmentOf(parseFlags(flags))).allRunning();
  }

  function clientFile(): { url: string; apiKey: string } {
    const text = readFileSync(path.join(folder, 'data', 'client.json'), 'utf8');
    return JSON.parse(text) as { url: string; apiKey: string };
  }
});

async function listen(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}
