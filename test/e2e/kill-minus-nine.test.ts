import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../workers/config';
import { findLeftovers } from './support/leftovers';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(300_000);

/** A component that was killed is back within this. */
const HEALED_MS = 10_000;

let platform: TestPlatform;
let runDir: string;

beforeAll(async () => {
  platform = await openTestPlatform({ PRESAGE__AGENT__LINGER: '100ms' });
  ({ runDir } = loadConfig({}, { dataDir: platform.dataDir }));
  const source =
    'exports.handler = async (req) => { await new Promise((r) => setTimeout(r, Number(req.query.ms ?? 5))); return "ok"; };';
  for (const name of ['one', 'two', 'three'])
    await platform.deploy(name, { checkpoint: { warmUp: [{ path: '/' }] } }, { 'index.js': source });
});
afterAll(() => platform.stop());

function pidOf(name: string): number {
  return (JSON.parse(readFileSync(path.join(runDir, 'pids', `${name}.json`), 'utf8')) as { pid: number }).pid;
}

/** Steady requests over three functions while `work` goes on; gives the answers that were not 200. */
async function underTraffic(work: () => Promise<void>): Promise<{ sent: number; failures: string[] }> {
  const failures: string[] = [];
  let sent = 0;
  let ended = false;
  const stream = async (name: string): Promise<void> => {
    while (!ended) {
      sent++;
      const answer = await platform.invoke(name, '/?ms=20');
      if (answer.status !== 200) failures.push(`${answer.status} ${answer.body}`);
      await new Promise((resolve) => setTimeout(resolve, 150 * Math.random()));
    }
  };
  const streams = ['one', 'two', 'three', 'one'].map(stream);
  await work();
  ended = true;
  await Promise.all(streams);
  return { sent, failures };
}

test.each(['agent-local', 'control', 'temporal'])(
  '%s killed under traffic: no request fails and it is back by itself',
  async (name) => {
    const { sent, failures } = await underTraffic(async () => {
      for (let round = 0; round < 2; round++) {
        const before = pidOf(name);
        process.kill(before, 'SIGKILL');
        await until(
          `${name} is back`,
          async () => {
            try {
              return pidOf(name) !== before;
            } catch {
              return false;
            }
          },
          HEALED_MS,
        );
        await until(
          'all parts are ready',
          async () => (await platform.probe.send('/readyz?verbose')).status === 200,
          HEALED_MS,
        );
        await new Promise((resolve) => setTimeout(resolve, 1500));
      }
    });
    expect(failures).toEqual([]);
    expect(sent).toBeGreaterThan(20);
  },
);

test('a deploy that loses its worker in the middle is carried on by the next', async () => {
  const source = 'const until = Date.now() + 1500; while (Date.now() < until); exports.handler = () => "slow to load";';
  const deploying = platform.deploy('slow-start', { checkpoint: { warmUp: [{ path: '/' }] } }, { 'index.js': source });
  await until(
    'the deploy has begun',
    async () => (await platform.probe.send('/v1/functions/slow-start')).status === 200,
  );
  process.kill(pidOf('control'), 'SIGKILL');
  await deploying;
  expect((await platform.invoke('slow-start')).body).toBe('slow to load');
});

test('everything killed at once: the next start has the state, and stopping leaves nothing behind', async () => {
  await platform.stop();
  const left = findLeftovers(runDir, platform.dataDir);
  expect(left).toEqual({ processes: [], cgroups: [], mounts: [], instanceFolders: [] });
});
