import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { main } from '../../../cli/presage';
import type { Terminal } from '../../../cli/terminal';
import { FakePlatform, presage } from '../fake-platform';

let platform: FakePlatform;
beforeAll(async () => {
  platform = await FakePlatform.start();
});
afterAll(() => platform.stop());

const call = (id: string, name: string, totalMs: number, kind = 'hot') => ({ id, at: new Date().toISOString(), function: name, status: 200, errorCode: null, kind, totalMs }); // prettier-ignore
beforeEach(() => {
  platform.reset();
  platform
    .on('GET /v1/functions', { items: [{ name: 'cart' }, { name: 'hello' }], next: null })
    .on('GET /v1/invocations', { items: [call('1', 'hello', 4), call('2', 'hello', 90, 'cold'), call('3', 'cart', 300)], next: null })
    .on('GET /v1/instances', { items: [{ function: 'hello', state: 'idle' }, { function: 'hello', state: 'frozen' }], next: null })
    .on('GET /v1/checkpoints', { items: [{ function: 'hello' }], next: null })
    .on('GET /v1/cost/ledger', { items: [{ function: 'cart', dollars: '0.25' }, { function: 'cart', dollars: '0.5' }], next: null }); // prettier-ignore
});
const env = () => ({ PRESAGE_URL: platform.url, PRESAGE_API_KEY: 'psk_test' });

test('without a terminal it is shown once, the most called first', async () => {
  const { status, stdout } = await presage(['top'], { env: env() });
  expect(status).toBe(0);
  const [head, first, second] = stdout.split('\n');
  expect(head).toMatch(
    /^FUNCTION +CALLS\/S +ERRORS +P50 +P95 +HOT +WARM +RESTORED +COLD +RUNNING +FROZEN +IMAGES +\$\/HOUR$/,
  );
  expect(first).toMatch(/^hello +0\.03 +0 +90\.0 ms +90\.0 ms +1 +0 +0 +1 +1 +1 +1 +0\.000000$/);
  expect(second).toMatch(/^cart +0\.02 +.* 0\.750000$/);
  expect(platform.requests('GET /v1/invocations')).toHaveLength(1);
});

test('for programs, by cost', async () => {
  const { stdout } = await presage(['top', '--once', '--sort', 'cost', '-o', 'json'], { env: env() });
  expect(JSON.parse(stdout)).toMatchObject([
    { function: 'cart', costPerHour: 0.75, p95Ms: 300 },
    { function: 'hello', rungs: { running: 1, frozen: 1, checkpoints: 1 }, starts: { hot: 1, cold: 1 } },
  ]);
});

describe('on a terminal', () => {
  const start = () => {
    const keys = Object.assign(new PassThrough(), { isTTY: true as const, setRawMode: jest.fn() });
    const screen = Object.assign(new PassThrough(), { isTTY: true as const, rows: 20 });
    let shown = '';
    screen.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    const terminal: Terminal = { stdin: keys, stdout: screen, stderr: new PassThrough(), env: { ...env(), NO_COLOR: '1' }, cwd: '/nonexistent', home: '/nonexistent', stopped: new AbortController().signal }; // prettier-ignore
    const ended = main(['top', '--every', '50ms'], terminal);
    /** What is on the screen now. */
    const frame = (): string => shown.split('\u001b[H\u001b[J').at(-1) ?? '';
    const until = async (words: RegExp): Promise<void> => {
      for (let i = 0; i < 200 && !words.test(frame()); i++) await sleep(25);
      expect(frame()).toMatch(words);
    };
    return { keys, ended, until, all: () => shown };
  };

  test('keys sort and quit, and the screen is as it was', async () => {
    const { keys, ended, until, all } = start();
    await until(/by rate[^]*hello[^]*cart/);
    keys.write('c');
    await until(/by cost[^]*cart[^]*hello/);
    keys.write('n');
    await until(/by name[^]*cart[^]*hello/);
    keys.write('q');
    expect(await ended).toBe(0);
    expect(keys.setRawMode.mock.calls).toEqual([[true], [false]]);
    expect(all()).toMatch(/\[\?1049l$/);
  });

  test('a platform that is away is told of, and shown again when it is back', async () => {
    const { keys, ended, until } = start();
    await until(/hello/);
    const route = platform.routes.get('GET /v1/instances');
    platform.on('GET /v1/instances', (_seen, response) => void response.writeHead(503, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ title: 'Away', detail: 'The store is away', code: 'unavailable' }))); // prettier-ignore
    await until(/The connection is lost, trying again: The store is away[^]*hello/);
    if (route) platform.on('GET /v1/instances', route);
    await until(/quit\n\nFUNCTION/);
    keys.write('\u0003');
    expect(await ended).toBe(0);
  });
});
