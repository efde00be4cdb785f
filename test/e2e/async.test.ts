import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../workers/config';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(300_000);

interface Described {
  readonly state: string;
  readonly tries: number;
  readonly endedAt: string | null;
}

let platform: TestPlatform;
let runDir: string;

beforeAll(async () => {
  platform = await openTestPlatform({ PRESAGE__AGENT__LINGER: '100ms' });
  ({ runDir } = loadConfig({}, { dataDir: platform.dataDir }));
  // Its minute goes by while others are tested.
  const triggers = [{ name: 'minutely', cron: '* * * * *', body: 'tick' }];
  await platform.deploy('clock', { triggers }, { 'index.js': 'exports.handler = async () => "tick";' });
});
afterAll(() => platform.stop());

function pidOf(name: string): number {
  return (JSON.parse(readFileSync(path.join(runDir, 'pids', `${name}.json`), 'utf8')) as { pid: number }).pid;
}

async function killAndWait(victim: string): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const before = pidOf(victim);
  process.kill(before, 'SIGKILL');
  await until(`${victim} is back`, async () => isAnother(victim, before), 15_000);
  await until('all is ready', async () => (await platform.probe.send('/readyz').catch(() => null))?.status === 200);
}

/** False also while there is no such process at all. */
function isAnother(name: string, before: number): boolean {
  try {
    return pidOf(name) !== before;
  } catch {
    return false;
  }
}

async function accept(target: string, headers: Record<string, string> = {}): Promise<string | undefined> {
  const url = `${platform.url}/fn/default/${target}`;
  const authorization = `Bearer ${platform.apiKey}`;
  const response = await fetch(url, { headers: { authorization, prefer: 'respond-async', ...headers } }).catch(
    () => null,
  );
  return response?.status === 202 ? ((await response.json()) as { id: string }).id : undefined;
}

function endOf(id: string): Promise<Described> {
  return until(`the end of ${id}`, async () => {
    const answer = await platform.probe.send(`/v1/async/${id}`).catch(() => null);
    const found = answer?.status === 200 ? (JSON.parse(answer.body) as Described) : undefined;
    return found?.endedAt ? found : undefined;
  });
}

test('a function at zero is woken by an invocation that nobody waits for, and its answer is there to be fetched', async () => {
  await platform.deploy('later', {}, { 'index.js': 'exports.handler = async (req) => `hello ${req.query.name}`;' });
  const id = await accept('later/?name=you');
  expect(await endOf(id ?? '')).toMatchObject({ state: 'succeeded', tries: 1 });
  expect((await platform.probe.send(`/v1/async/${id}/result`)).body).toBe('hello you');
  const { stdout } = await platform.cli('async', 'describe', id ?? '');
  expect(stdout).toMatch(/State +succeeded/);
});

test('a dead letter is listed and begun anew', async () => {
  const source = 'exports.handler = async (req, res) => { if (!process.env.OK) res.statusCode = 500; return "x"; };';
  const async = { retries: 1, backoff: { first: '100ms' } };
  await platform.deploy('moody', { async }, { 'index.js': source });
  const id = await accept('moody/');
  expect(await endOf(id ?? '')).toMatchObject({ state: 'dead', tries: 2 });
  const listed = await platform.cli('async', 'list', '--function', 'moody', '--state', 'dead');
  expect(listed.stdout).toContain(id);
  await platform.deploy('moody', { async, env: { OK: '1' } }, { 'index.js': source });
  const redriven = await platform.cli('async', 'redrive', '--dead', 'moody');
  expect(redriven).toMatchObject({ code: 0, stdout: `${id} begins anew\n` });
  await until('the good end', async () => (await endOf(id ?? '')).state === 'succeeded');
});

test('a cron expression wakes a function by itself', async () => {
  const listed = await until(
    'a tick',
    async () => {
      const { body } = await platform.probe.send('/v1/async?function=clock');
      const { items } = JSON.parse(body) as { items: { origin: string; endedAt: string | null }[] };
      return items.some(({ endedAt }) => endedAt !== null) ? items : undefined;
    },
    90_000,
  );
  expect(listed.at(-1)).toMatchObject({ origin: 'cron', state: 'succeeded', tries: 1 });
});

test('gateway and database killed under load: every accepted invocation is answered, each once', async () => {
  const source =
    'exports.handler = async (req) => { await new Promise((r) => setTimeout(r, 100)); return req.headers["idempotency-key"]; };';
  await platform.deploy('sturdy', { concurrency: 10, async: { backoff: { first: '100ms' } } }, { 'index.js': source });
  const accepted = new Map<string, string>();
  let ended = false;
  const load = async (stream: number): Promise<void> => {
    for (let n = 0; !ended; n++) {
      const key = `order-${stream}-${n}`;
      // Asked until it is accepted, as a client with a key would: under one key there is one invocation.
      for (let id: string | undefined; id === undefined && !ended;) {
        id = await accept('sturdy/', { 'idempotency-key': key });
        if (id === undefined) await new Promise((resolve) => setTimeout(resolve, 100));
        else accepted.set(key, id);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const loads = [1, 2, 3].map(load);
  try {
    for (const victim of ['gateway', 'postgres', 'gateway']) await killAndWait(victim);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  } finally {
    ended = true;
    await Promise.all(loads);
  }
  expect(accepted.size).toBeGreaterThan(20);
  for (const [key, id] of accepted) {
    expect(await endOf(id)).toMatchObject({ state: 'succeeded' });
    expect((await platform.probe.send(`/v1/async/${id}/result`)).body).toBe(key);
  }
});
