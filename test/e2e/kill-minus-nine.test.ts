import { Components, placesOf } from '../../bench/harness/components';
import { countOrphans } from '../../bench/harness/orphans';
import { countRemains, findRemains } from '../../bench/harness/remains';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(300_000);

/** A component that was killed is back within this. */
const HEALED_MS = 10_000;
const NOTHING = {
  processes: 0,
  cgroups: 0,
  mounts: 0,
  networks: 0,
  sockets: 0,
  instanceFolders: 0,
  images: 0,
};

let platform: TestPlatform;
let components: Components;

beforeAll(async () => {
  platform = await openTestPlatform({ PRESAGE__AGENT__LINGER: '100ms' });
  components = new Components(platform.config);
  const source =
    'exports.handler = async (req) => { await new Promise((r) => setTimeout(r, Number(req.query.ms ?? 5))); return "ok"; };';
  for (const name of ['one', 'two', 'three'])
    await platform.deploy(name, { checkpoint: { warmUp: [{ path: '/' }] } }, { 'index.js': source });
});
afterAll(() => platform.stop());

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
        const { healedMs } = await components.kill(name, HEALED_MS);
        expect(healedMs).not.toBeNull();
        await until(
          'all parts are ready',
          async () => (await platform.probe.send('/readyz?verbose')).status === 200,
          HEALED_MS,
        );
        await new Promise((resolve) => setTimeout(resolve, 500));
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
  expect((await components.kill('control', HEALED_MS)).healedMs).not.toBeNull();
  await deploying;
  expect((await platform.invoke('slow-start')).body).toBe('slow to load');
});

test('what runs is accounted for: nothing was orphaned', async () => {
  const places = placesOf(platform.config, components);
  // the count sees what there is
  for (const count of Object.values(countRemains(findRemains(places)))) expect(count).toBeGreaterThan(0);
  expect(countRemains(await countOrphans(places))).toEqual(NOTHING);
});

test('stopping leaves nothing behind', async () => {
  const places = placesOf(platform.config, components);
  await platform.stop();
  expect(countRemains(findRemains(places))).toEqual(NOTHING);
});
