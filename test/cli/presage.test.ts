import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { parseManifest } from '../../core/function/manifest';
import { FakePlatform, presage, problem, type RunOptions } from './fake-platform';

let platform: FakePlatform;
beforeAll(async () => {
  platform = await FakePlatform.start();
});
beforeEach(() => platform.reset());
afterAll(() => platform.stop());

const AT = '2026-01-02T03:04:05.000Z';
const run = (line: string, options: RunOptions = {}) =>
  presage(line.split(' ').filter(Boolean), {
    env: { PRESAGE_URL: platform.url, PRESAGE_API_KEY: 'psk_test' },
    ...options,
  });
const fn = (name: string) => ({
  id: `f-${name}`,
  tenant: 'default',
  name,
  labels: name === 'a' ? { team: 'shop' } : {},
  generation: 1,
  createdAt: AT,
  path: `/fn/default/${name}/`,
});

describe('lists in three forms', () => {
  beforeEach(() => {
    platform.on('GET /v1/functions', ({ query }) =>
      query['cursor'] === undefined ? { items: [fn('a')], next: 'more' } : { items: [fn('b')], next: null },
    );
  });

  test('a table with headings, over all pages, with the key in the header', async () => {
    const { status, stdout, stderr } = await run('list');
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^NAME\s+PATH\s+LABELS\s+AGE$/);
    expect(lines[1]).toMatch(/^a\s+\/fn\/default\/a\/\s+team=shop\s+\d+d$/);
    expect(stderr).toBe('');
    const asked = platform.requests('GET /v1/functions');
    expect(asked.map(({ query }) => query['cursor'])).toEqual([undefined, 'more']);
    expect(asked[0]?.headers.authorization).toBe('Bearer psk_test');
  });

  test('JSON and YAML are the items as the platform gave them', async () => {
    const json = await run('list -o json');
    expect(JSON.parse(json.stdout)).toEqual([fn('a'), fn('b')]);
    const yaml = await run('--output yaml list');
    expect(parseYaml(yaml.stdout)).toEqual([fn('a'), fn('b')]);
  });

  test('an empty list says on stderr how to begin, and nothing on stdout', async () => {
    platform.on('GET /v1/functions', { items: [], next: null });
    expect(await run('list')).toMatchObject({
      status: 0,
      stdout: '',
      stderr: expect.stringContaining('presage init') as string,
    });
    expect(await run('list --quiet')).toMatchObject({ stdout: '', stderr: '' });
    expect((await run('list -o json')).stdout).toBe('[]\n');
  });

  test('--tenant goes into every question', async () => {
    await run('list --tenant shop');
    expect(platform.requests('GET /v1/functions')[0]?.query['tenant']).toBe('shop');
  });
});

describe('errors and exit statuses', () => {
  test('a problem is told with its places, hints and request id; status 1', async () => {
    platform.on('POST /v1/functions/hello/rollback', (_seen, response) =>
      problem(response, 400, 'invalid_argument', {
        detail: 'The weights have 1 problem(s): weights: too few',
        hint: 'Try something else.',
        errors: [{ path: 'weights', message: 'too few', hint: 'add one' }],
      }),
    );
    const { status, stdout, stderr } = await run('rollback hello --to 3');
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.split('\n')).toEqual([
      'Error (invalid_argument): The weights have 1 problem(s)',
      '  weights: too few',
      '    add one',
      'Try something else.',
      'request r-1',
      '',
    ]);
  });

  test('a misspelt function is told with the command that was probably meant', async () => {
    platform.on('GET /v1/functions', { items: [fn('checkout'), fn('cart')], next: null });
    platform.on('GET /v1/functions/chekout/aliases', (_seen, response) => problem(response, 404, 'function_not_found'));
    const { status, stderr } = await run('alias list chekout');
    expect(status).toBe(3);
    expect(stderr).toContain('Did you mean: presage alias list checkout\n');
  });

  test.each([
    ['nonsense', /unknown command/],
    ['lst', /Did you mean one of list, ls/],
    ['describe', /missing required argument/],
    ['rollback hello --to zero', /whole number/],
    ['list -o xml', /Allowed choices are table, json, yaml/],
    ['logs hello --since yesterday', /how long ago/],
    ['alias set hello live 3=x', /REVISION=PERCENT/],
    ['invoke hello -H nocolon', /Name: value/],
    ['key create ci --scope root', /Allowed choices/],
    ['', /Usage: presage/],
  ])('"%s" is a usage error: status 2', async (line, words) => {
    const { status, stderr } = await run(line);
    expect(status).toBe(2);
    expect(stderr).toMatch(words);
    expect(platform.seen).toEqual([]);
  });

  test('help is not an error', async () => {
    const { status, stdout } = await run('--help');
    expect(status).toBe(0);
    for (const verb of ['init', 'deploy', 'invoke', 'logs', 'rollback', 'status']) expect(stdout).toContain(verb);
  });

  test('where nobody answers, it says how to start a platform and where the address came from', async () => {
    const { status, stderr } = await run('list', { env: { PRESAGE_URL: 'http://127.0.0.1:1' } });
    expect(status).toBe(6);
    expect(stderr).toMatch(/unavailable.*127\.0\.0\.1:1 \(ECONNREFUSED\)/);
    expect(stderr).toMatch(/npm start.*PRESAGE_URL/);
  });

  test('what answers may not be a platform at all', async () => {
    platform.on('GET /v1/functions', (_seen, response) => void response.writeHead(502).end('<html>proxy</html>'));
    const { status, stderr } = await run('list');
    expect(status).toBe(1);
    expect(stderr).toContain('HTTP 502: <html>proxy</html>');
  });
});

describe('describe', () => {
  const manifest = parseManifest({
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name: 'a' },
    spec: { runtime: 'nodejs', handler: 'index.handler' },
  });
  const live = [{ revision: 1, weight: 90 }, { revision: 2, weight: 10 }]; // prettier-ignore
  beforeEach(() => {
    const revision = { number: 2, digest: 'd', codeDigest: 'c', state: 'ready', error: null, createdAt: AT, manifest };
    const alias = { name: 'live', weights: live, generation: 3, updatedAt: AT };
    const instance = {
      id: 'i-1',
      function: 'a',
      revision: 2,
      node: 'local',
      state: 'frozen',
      kind: 'restore',
      startedAt: AT,
    };
    const count = { total: 5, errors: 1, byKind: { hot: 3, warm: 1, restore: 1, cold: 0 } };
    platform
      .on('GET /v1/functions/a', { ...fn('a'), aliases: [alias], latest: revision })
      .on('GET /v1/instances', { items: [instance], next: null })
      .on('GET /v1/checkpoints', { items: [], next: null })
      .on('GET /v1/functions/a/counts', { items: [count, count] });
  });

  test('for people', async () => {
    const { status, stdout } = await run('describe a');
    expect(status).toBe(0);
    expect(stdout).toMatch(/Alias live +revision 1 \(90 %\), 2 \(10 %\)/);
    expect(stdout).toMatch(/Newest +revision 2, ready/);
    expect(stdout).toMatch(/Last hour +10 invocations, 2 errors \(6 hot, 2 warm, 2 restore, 0 cold\)/);
    expect(stdout).toMatch(/i-1 +2 +local +frozen +restore/);
    expect(stdout).not.toContain('CHECKPOINT');
  });

  test('for programs', async () => {
    const value = JSON.parse((await run('describe a -o json')).stdout) as Record<string, unknown>;
    expect(value).toMatchObject({ name: 'a', aliases: [{ weights: live }], lastHour: { total: 10 }, checkpoints: [] });
  });
});

describe('small commands', () => {
  test('an alias is set by shares, or by one revision alone', async () => {
    platform.on('PUT /v1/functions/a/aliases/live', ({ body }) => ({
      name: 'live',
      generation: 1,
      updatedAt: AT,
      ...(JSON.parse(body.toString()) as object),
    }));
    expect((await run('alias set a live 3=90 4=10')).stdout).toBe('a: live points at revision 3 (90 %), 4 (10 %)\n');
    await run('alias set a live 4 --if-generation 7');
    const [, last] = platform.requests('PUT /v1/functions/a/aliases/live');
    expect(JSON.parse(String(last?.body))).toEqual({ weights: [{ revision: 4, weight: 100 }] });
    expect(last?.headers['if-match']).toBe('"7"');
  });

  test('delete asks first, and where nobody can be asked it wants --yes', async () => {
    platform.on('DELETE /v1/functions/a', () => undefined);
    expect(await run('delete a')).toMatchObject({ status: 2, stderr: expect.stringContaining('--yes') as string });
    expect(platform.seen).toEqual([]);
    expect(await run('delete a --yes')).toMatchObject({ status: 0, stderr: 'a is deleted\n' });
  });

  test('a secret comes from standard input, without the end of its line, and is never shown', async () => {
    platform.on('PUT /v1/secrets/token', () => undefined);
    const { status, stdout, stderr } = await run('secret set token', { stdin: 's3cret value\n' });
    expect(status).toBe(0);
    expect(JSON.parse(String(platform.seen[0]?.body))).toEqual({ value: 's3cret value' });
    expect(stdout + stderr).not.toContain('s3cret');
  });

  test('a new key alone is on stdout', async () => {
    platform.on('POST /v1/keys', ({ body }) => ({
      id: 'k1',
      key: 'psk_new',
      ...(JSON.parse(body.toString()) as object),
    }));
    const { stdout, stderr } = await run('key create ci --scope deploy read');
    expect(stdout).toBe('psk_new\n');
    expect(stderr).toMatch(/deploy, read/);
    expect(JSON.parse(String(platform.seen[0]?.body))).toEqual({ name: 'ci', scopes: ['deploy', 'read'] });
  });

  test('status is 1 when the platform is not ready', async () => {
    const totals = { functions: 2, checkpoints: 1, checkpointBytes: 2048, lastHour: { invocations: 7, errors: 0 } };
    const node = {
      name: 'local',
      tier: 'central',
      region: 'here',
      state: 'ready',
      reachable: true,
      driver: 'runc',
      draining: false,
      instances: { idle: 2 },
      memory: null,
    };
    const answer = {
      version: '0.1.0',
      tenant: 'default',
      components: [{ name: 'database', ok: false, detail: 'is away' }],
      nodes: [node],
      totals,
    };
    platform.on('GET /v1/status', { ...answer, status: 'ready' });
    const ready = await run('status');
    expect(ready.status).toBe(0);
    expect(ready.stdout).toMatch(/local +central +here +ok +runc +2 idle/);
    expect(ready.stdout).toMatch(/database +away +is away/);
    platform.on('GET /v1/status', { ...answer, status: 'unready' });
    expect((await run('status')).status).toBe(1);
  });

  test('version works without a platform', async () => {
    const { status, stdout } = await run('version -o json', { env: { PRESAGE_URL: 'http://127.0.0.1:1' } });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ client: expect.stringMatching(/^\d+\.\d+\.\d+/) as string, platform: null });
  });

  test('login tries the key, then keeps it for its owner alone', async () => {
    platform.on('GET /v1/status', (seen, response) =>
      seen.headers.authorization === 'Bearer psk_good' ? { tenant: 'shop' } : problem(response, 401, 'unauthenticated'),
    );
    const options = { env: {}, home: platform.folder };
    const file = path.join(platform.folder, '.config/presage/client.json');
    expect((await run(`login --url ${platform.url} --api-key psk_bad`, options)).status).toBe(4);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await run(`login --url ${platform.url} --api-key psk_good`, options)).status).toBe(0);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ url: platform.url, apiKey: 'psk_good', tenant: 'shop' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    platform.on('GET /v1/functions', { items: [], next: null });
    await run('list', options);
    expect(platform.requests('GET /v1/functions')[0]).toMatchObject({ query: { tenant: 'shop' } });
  });
});

describe('init', () => {
  test.each(['nodejs', 'python', 'http'])('a %s folder has a manifest that the platform accepts', async (runtime) => {
    const cwd = path.join(platform.folder, runtime);
    await mkdir(cwd);
    const { status, stderr } = await run(`init My_Function --runtime ${runtime}`, { cwd });
    expect(status).toBe(0);
    expect(stderr).toContain('presage deploy My_Function');
    const text = await readFile(path.join(cwd, 'My_Function/function.yaml'), 'utf8');
    expect(parseManifest(parseYaml(text))).toMatchObject({ metadata: { name: 'my-function' }, spec: { runtime } });
  });

  test('nothing of the user is written over', async () => {
    const cwd = path.join(platform.folder, 'taken');
    await mkdir(cwd);
    await writeFile(path.join(cwd, 'index.js'), 'mine');
    const { status, stderr } = await run('init', { cwd });
    expect(status).toBe(5);
    expect(stderr).toContain('exists already; nothing was written');
    await expect(stat(path.join(cwd, 'function.yaml'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readFile(path.join(cwd, 'index.js'), 'utf8')).toBe('mine');
  });
});
