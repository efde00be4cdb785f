import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { FakePlatform, presage, problem } from './fake-platform';

let platform: FakePlatform;
beforeAll(async () => {
  platform = await FakePlatform.start();
});
beforeEach(() => platform.reset());
afterAll(() => platform.stop());

const DIGEST = `sha256:${'1'.repeat(64)}`;
const run = (...argv: string[]) => presage(argv, { cwd: platform.folder, env: { PRESAGE_URL: platform.url } });

/** A folder with a function, below the platform's own. */
async function functionFolder(
  name: string,
  manifest = `metadata: {name: ${name}}\nspec: {runtime: nodejs}\n`,
): Promise<void> {
  const folder = path.join(platform.folder, name);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'function.yaml'), manifest);
  await writeFile(path.join(folder, 'index.js'), 'exports.handler = () => "hi";\n');
}

/** Routes of a deploy whose deployment goes through `states`, one at each look. */
function deployable(name: string, states: readonly { state: string; step: string; error?: string }[]): void {
  const look = (index: number) => ({
    id: `d-${name}`,
    function: name,
    revision: 4,
    error: null,
    workflowId: `deploy/default/${name}/4`,
    ...states[Math.min(index, states.length - 1)],
  });
  let looks = 0;
  platform
    .on(`PUT /v1/functions/${name}`, ({ query }) =>
      query['dryRun'] === 'true'
        ? { function: name, revision: null, digest: null, created: true, dryRun: true, deployment: null }
        : { function: name, revision: 4, digest: 'd', created: true, dryRun: false, deployment: look(0) },
    )
    .on('POST /v1/code', ({ body }) => ({ digest: DIGEST, bytes: body.length, kind: 'layer' }))
    .on(`GET /v1/deployments/d-${name}`, () => look(++looks));
}

async function filesOf(archive: Buffer): Promise<string[]> {
  const entries = extract();
  Readable.from([archive]).pipe(createGunzip()).pipe(entries);
  const names: string[] = [];
  for await (const entry of entries) {
    names.push(entry.header.name);
    entry.resume();
  }
  return names;
}

const STEPS = [
  { state: 'running', step: 'queued' },
  { state: 'running', step: 'verify the code' },
  { state: 'running', step: 'start on local' },
  { state: 'succeeded', step: 'switch live' },
];

test('checks, packs, uploads and follows to the end; the address alone is on stdout', async () => {
  await functionFolder('hello');
  deployable('hello', STEPS);
  const { status, stdout, stderr } = await run('deploy', 'hello');
  expect(stderr).toContain('hello: ✓ revision 4 serves live');
  expect(status).toBe(0);
  expect(stdout).toBe(`${platform.url}/fn/default/hello/\n`);
  const said = ['packing hello', 'uploaded', 'revision 4', 'queued', 'verify the code', 'start on local'];
  expect(said.map((text) => stderr.indexOf(text))).toEqual(
    [...said.map((text) => stderr.indexOf(text))].sort((a, b) => a - b),
  );
  expect(stderr).not.toContain('undefined');

  expect(platform.seen.map(({ method, path: at }) => `${method} ${at}`).slice(0, 3)).toEqual([
    'PUT /v1/functions/hello',
    'POST /v1/code',
    'PUT /v1/functions/hello',
  ]);
  const [, upload, put] = platform.seen;
  expect(await filesOf(upload?.body ?? Buffer.alloc(0))).toEqual(expect.arrayContaining(['function.yaml', 'index.js']));
  expect(JSON.parse(String(put?.body))).toEqual({
    manifest: { metadata: { name: 'hello' }, spec: { runtime: 'nodejs' } },
    codeDigest: DIGEST,
    codeKind: 'layer',
    alias: 'live',
  });
});

test('--dry-run uploads nothing', async () => {
  await functionFolder('dry');
  deployable('dry', STEPS);
  const { status, stdout, stderr } = await run('deploy', 'dry', '--dry-run');
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: 'dry: the manifest is valid\n' });
  expect(platform.requests('POST /v1/code')).toEqual([]);
});

test('--no-wait looks at no deployment, and JSON tells which it is', async () => {
  await functionFolder('async');
  deployable('async', STEPS);
  const { status, stdout } = await run('deploy', 'async', '--no-wait', '-o', 'json', '--alias', 'canary');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    function: 'async',
    revision: 4,
    deployment: { id: 'd-async', state: 'running' },
  });
  expect(platform.requests('GET /v1/deployments/d-async')).toEqual([]);
  expect(JSON.parse(String(platform.requests('PUT /v1/functions/async')[1]?.body))).toMatchObject({ alias: 'canary' });
});

test('what serves already is left alone', async () => {
  await functionFolder('same');
  deployable('same', STEPS);
  platform.on('PUT /v1/functions/same', {
    function: 'same',
    revision: 2,
    created: false,
    dryRun: false,
    deployment: null,
  });
  const { status, stderr } = await run('deploy', 'same');
  expect(status).toBe(0);
  expect(stderr).toContain('nothing has changed: revision 2 serves live already');
});

test('a deployment that fails tells the step, the reason and where to look', async () => {
  await functionFolder('broken');
  deployable('broken', [STEPS[0]!, { state: 'failed', step: 'start on local', error: 'it exited with 78' }]);
  const { status, stdout, stderr } = await run('deploy', 'broken');
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('Error (start_failed): Revision 4 of broken failed at "start on local": it exited with 78');
  expect(stderr).toMatch(/presage logs broken.*deploy\/default\/broken\/4/);
});

test('a platform that is away for a moment is waited for', async () => {
  await functionFolder('patient');
  deployable('patient', STEPS);
  const look = platform.routes.get('GET /v1/deployments/d-patient');
  let cuts = 2;
  platform.on('GET /v1/deployments/d-patient', (seen, response) =>
    cuts-- > 0 ? void response.destroy() : look?.(seen, response),
  );
  expect((await run('deploy', 'patient')).status).toBe(0);
});

test('one that lasts too long is left to itself', async () => {
  await functionFolder('slow');
  deployable('slow', [{ state: 'running', step: 'start on local' }]);
  const { status, stderr } = await run('deploy', 'slow', '--timeout', '300ms');
  expect(status).toBe(6);
  expect(stderr).toMatch(/slow is still at "start on local"; the deployment goes on/);
});

test('of several folders each is deployed, whatever becomes of the others', async () => {
  await functionFolder('one');
  await functionFolder('two');
  deployable('one', STEPS);
  deployable('two', STEPS);
  const { status, stdout, stderr } = await run('deploy', 'one', 'nowhere', 'two');
  expect(status).toBe(1);
  expect(stdout).toBe(`${platform.url}/fn/default/one/\n${platform.url}/fn/default/two/\n`);
  expect(stderr).toContain('There is no ');
});

describe('bad manifests', () => {
  test('every problem with its place and hint, and nothing is uploaded', async () => {
    await functionFolder('bad');
    platform.on('PUT /v1/functions/bad', (_seen, response) =>
      problem(response, 400, 'invalid_manifest', {
        detail: 'function.yaml has 2 problem(s): spec.handler: missing; spec.scale.min: min 3 is above max 1',
        errors: [
          { path: 'spec.handler', message: 'runtime nodejs needs a handler, e.g. index.handler' },
          { path: 'spec.scale.min', message: 'min 3 is above max 1', hint: 'raise max' },
        ],
      }),
    );
    const { status, stderr } = await run('deploy', 'bad');
    expect(status).toBe(2);
    expect(stderr).toBe(
      'Error (invalid_manifest): function.yaml has 2 problem(s)\n' +
        '  spec.handler: runtime nodejs needs a handler, e.g. index.handler\n' +
        '  spec.scale.min: min 3 is above max 1\n' +
        '    raise max\n' +
        'request r-1\n',
    );
    expect(platform.requests('POST /v1/code')).toEqual([]);
  });

  test.each([
    ['no-yaml', 'spec: [', /is not YAML[\s\S]*line 1/],
    ['no-name', 'spec: {}', /metadata\.name: is missing/],
    ['empty', '', /metadata\.name: is missing/],
    ['no-source', 'metadata: {name: x}\nspec: {source: ../nothing-here}', /spec\.source: .*is nowhere/],
  ])('%s is told before anything is sent', async (name, text, words) => {
    await functionFolder(name, text);
    const { status, stderr } = await run('deploy', name);
    expect(status).toBe(2);
    expect(stderr).toMatch(words);
    expect(platform.seen).toEqual([]);
  });

  test('a folder without a manifest says how to make one', async () => {
    const { status, stderr } = await run('deploy', 'not-there');
    expect(status).toBe(2);
    expect(stderr).toMatch(/There is no .*not-there[\s\S]*presage init/);
  });

  test('an archive that the platform refuses while it comes in is told as such', async () => {
    await functionFolder('huge');
    await writeFile(path.join(platform.folder, 'huge', 'big.bin'), Buffer.alloc(3_000_000, Math.random().toString()));
    deployable('huge', STEPS);
    platform.on('POST /v1/code', (_seen, response) =>
      problem(response, 413, 'payload_too_large', { detail: 'Too large' }),
    );
    const { status, stderr } = await run('deploy', 'huge');
    expect(status).toBe(2);
    expect(stderr).toContain('Error (payload_too_large): Too large');
  });
});
