import { FakePlatform, presage } from './fake-platform';
import { makeHarness, type Harness } from '../gateway/api/api-harness';

const event = (id: string, type: string, name: string | null = 'hello') => ({ id, at: '2026-11-27T12:00:00.000Z', tenant: 'acme', type, function: name, node: null, data: { revision: 2 } }); // prettier-ignore

describe('a stream', () => {
  let platform: FakePlatform;
  beforeAll(async () => {
    platform = await FakePlatform.start();
  });
  beforeEach(() => platform.reset());
  afterAll(() => platform.stop());
  const follow = (until: string, ...argv: string[]) => {
    const stop = new AbortController();
    return presage(['events', '--follow', ...argv], {
      env: { PRESAGE_URL: platform.url, PRESAGE_API_KEY: 'psk_test' },
      stopped: stop.signal,
      onOutput: (text) => text.includes(until) && stop.abort(),
    });
  };

  test('goes on after the last event when it breaks off, and says that it did', async () => {
    const streams = [[event('1', 'deployment.started'), event('2', 'instance.started', 'cart')], null, [event('3', 'deployment.failed')]]; // prettier-ignore
    platform.on('GET /v1/events', (_seen, response) => {
      const next = streams.shift();
      if (!next) return void response.destroy();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const one of next) response.write(`id: ${one.id}\nevent: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`);
      response.end();
    });
    const { status, stdout, stderr } = await follow('"3"', '--function', 'hello', '--types', 'deployment.started,deployment.failed', '-o', 'json'); // prettier-ignore
    expect(status).toBe(0);
    const ids = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(['1', '3']);
    const asked = platform.requests('GET /v1/events');
    expect(asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '2']);
    expect(asked[0]?.query).toMatchObject({ types: 'deployment.started,deployment.failed', tail: '50' });
    expect(stderr).toBe('The connection is lost; trying again …\nThe connection is back; nothing was missed\n');
  });

  test('begins after an event that is named', async () => {
    platform.on('GET /v1/events', (_seen, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`id: 8\nevent: x\ndata: ${JSON.stringify(event('8', 'node.lost', null))}\n\n`);
    });
    const { stdout } = await follow('node.lost', '--after', '7');
    expect(stdout).toBe('2026-11-27T12:00:00.000Z  node.lost  revision=2\n'.replace('Z  node', 'Z node'));
    const [asked] = platform.requests('GET /v1/events');
    expect([asked?.headers['last-event-id'], asked?.query['tail']]).toEqual(['7', undefined]);
  });
});

describe('a list', () => {
  let api: Harness;
  beforeAll(async () => {
    api = await makeHarness();
  });
  afterAll(() => api.close());

  test('the newest last, narrowed by what the API knows and what it does not', async () => {
    for (const [type, name] of [
      ['a.one', 'hello'],
      ['a.two', 'cart'],
      ['a.two', 'hello'],
      ['b.one', 'hello'],
    ] as const) {
      await api.store.writeEvents([{ at: new Date(), tenant: 'acme', type, function: name, node: null, data: {} }]);
    }
    const run = async (...argv: string[]) => {
      const { stdout } = await presage(['events', '-o', 'json', ...argv], { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.acmeKey } }); // prettier-ignore
      return (JSON.parse(stdout) as { type: string }[]).map(({ type }) => type);
    };
    expect(await run()).toEqual(['a.one', 'a.two', 'a.two', 'b.one']);
    expect(await run('--function', 'hello', '--limit', '2')).toEqual(['a.two', 'b.one']);
    expect(await run('--types', 'a.two', '--function', 'cart')).toEqual(['a.two']);
  });
});
