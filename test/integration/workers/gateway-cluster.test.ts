import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../support/eventually';

jest.setTimeout(120_000);

let folder: string;
let port: number;
let leader: ChildProcess;
let log = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gateways-'));
  port = await freePort();
  leader = spawn(
    process.execPath,
    [
      ...['-r', path.join(__dirname, '../support/run-typescript.js')],
      path.join(__dirname, '../../../workers/gateway.ts'),
    ],
    {
      env: {
        ...process.env,
        PRESAGE__DATADIR: path.join(folder, 'data'),
        PRESAGE__RUNDIR: folder,
        PRESAGE__GATEWAY__PORT: String(port),
        PRESAGE__GATEWAY__PROCESSES: '2',
        PRESAGE__LOG__LEVEL: 'info',
        // Neither a database nor Temporal nor an agent is there: the doors open all the same.
        PRESAGE__POSTGRES__URL: 'postgres://127.0.0.1:1/none',
        PRESAGE__TEMPORAL__PORT: '1',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  leader.stdout?.setEncoding('utf8').on('data', (text: string) => (log += text));
});

afterAll(async () => {
  leader.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

test('two gateways share a port; one that is killed is started anew while the other answers', async () => {
  await eventually(() => Promise.resolve(listened() === 2), 'two gateways');
  const [first, second] = members();
  process.kill(first ?? 0, 'SIGKILL');
  await eventually(() => Promise.resolve(!members().includes(first ?? 0)), 'the end of the first');
  expect(await alive()).toBe(true);
  await eventually(() => Promise.resolve(listened() === 3), 'a second gateway again');
  expect(members()).toContain(second);
});

test('of connections made while gateways are killed none is left hanging', async () => {
  let killing = true;
  const connections: Promise<void>[] = [];
  const caller = (async () => {
    while (killing) {
      for (let each = 0; each < 10; each++) connections.push(connectionEnds());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  for (let kill = 0; kill < 4; kill++) {
    const expected = listened() + 1;
    process.kill(members()[0] ?? 0, 'SIGKILL');
    await eventually(() => Promise.resolve(listened() >= expected), 'the next gateway');
  }
  killing = false;
  await caller;
  const all = await Promise.race([
    Promise.all(connections).then(() => 'ended'),
    new Promise((resolve) => setTimeout(resolve, 10_000, 'some hang')),
  ]);
  expect(all).toBe('ended');
});

test('whichever of them is asked for metrics answers for both', async () => {
  const before = await metrics();
  for (let asked = 0; asked < 6; asked++) await alive();
  for (let asked = 0; asked < 2; asked++) {
    const after = await metrics();
    expect(after.probes - before.probes).toBe(6);
    expect(after.builds).toBe(1);
  }
});

test('told to stop they all end, and so does their leader', async () => {
  const pids = members();
  leader.kill('SIGTERM');
  const [code] = (await once(leader, 'exit')) as [number | null];
  expect(code).toBe(0);
  expect(pids.filter(runs)).toEqual([]);
});

/** How often a gateway has said that it listens. */
function listened(): number {
  return log.split('"gateway.ready"').length - 1;
}

function members(): number[] {
  const text = readFileSync(`/proc/${leader.pid}/task/${leader.pid}/children`, 'latin1').trim();
  return text === '' ? [] : text.split(' ').map(Number).filter(runs);
}

function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

async function alive(): Promise<boolean> {
  try {
    // A connection of its own each time: it may go to either.
    return (await fetch(`http://127.0.0.1:${port}/livez`, { headers: { connection: 'close' } })).ok;
  } catch {
    return false;
  }
}

/** Resolves when a request on a connection of its own was answered or cut. */
function connectionEnds(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /livez HTTP/1.0\r\n\r\n'));
    socket
      .on('error', () => undefined)
      .on('close', () => resolve())
      .resume();
  });
}

/** How many probes were answered, and what the metric says that is 1 in each process. */
async function metrics(): Promise<{ probes: number; builds: number }> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } })).text();
  const of = (line: RegExp): number => Number(line.exec(text)?.[1] ?? 0);
  return {
    probes: of(/^presage_api_request_duration_seconds_count\{.*route="\/livez".*\} (\d+)$/m),
    builds: of(/^presage_build_info\{.*\} (\d+)$/m),
  };
}

async function eventually(look: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await look())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
