import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jsonOf, type Answer } from '../../bench/harness/http-probe';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(600_000);

/** Restores of one checkpoint that must not give two equal values. */
const CLONES = process.env['PRESAGE_TEST_LONG'] === '1' ? 1000 : 250;
const AT_ONCE = 4;
/** Longer than a gateway keeps an idle instance, so that the next round finds none. */
const SHORT_PAUSE_MS = 30;

/** Longer than what is idle is kept. */
const PAUSE_MS = 300;
const json = { 'content-type': 'application/json' };
const BODY = JSON.stringify('x'.repeat(300_000));

let platform: TestPlatform;

beforeAll(async () => {
  platform = await openTestPlatform({ PRESAGE__AGENT__LINGER: '1ms' });
  await platform.pauseWarmPools();
});
afterAll(() => platform.stop());

const drawsNode = `
const { randomUUID, randomBytes } = require('node:crypto');
exports.handler = () => [randomUUID(), String(Math.random()), randomBytes(16).toString('hex')];`;

const drawsPython = `
import os, random, uuid

def handler(request):
    return [str(uuid.uuid4()), str(random.random()), os.urandom(16).hex(), str(random.SystemRandom().random())]
`;

test.each([
  ['node-draws', { runtime: 'nodejs', handler: 'index.handler' }, { 'index.js': drawsNode }],
  ['python-draws', { runtime: 'python', handler: 'main.handler' }, { 'main.py': drawsPython }],
] as const)(`%s: no two of ${CLONES} clones draw the same number`, async (name, spec, files) => {
  await platform.deploy(
    name,
    { ...spec, scale: { keepAlive: '1ms' }, checkpoint: { warmUp: [{ path: '/', times: 3 }] } },
    files,
  );
  const values: string[] = [];
  let restored = 0;
  // Calls at once often share one clone, since waiting for it is quicker than another restore.
  for (let round = 0; restored < CLONES && round < AT_ONCE * CLONES; round++) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => platform.invoke(name)));
    for (const { status, headers, body } of answers) {
      expect(status).toBe(200);
      // A clone that is still there may serve twice; only its first answer is a clone's first draw.
      if (headers['x-presage-start'] !== 'restore') continue;
      restored++;
      values.push(...(JSON.parse(body) as string[]));
    }
    await new Promise((resolve) => setTimeout(resolve, SHORT_PAUSE_MS));
  }
  expect(restored).toBeGreaterThanOrEqual(CLONES);
  expect(new Set(values).size).toBe(values.length);
});

const wakesNode = `
const fs = require('node:fs');
exports.afterRestore = () => { if (fs.existsSync(__dirname + '/broken')) throw new Error('cannot wake'); };
exports.handler = (req) => String(req.rawBody.length);`;

const wakesPython = `
import os

def after_restore():
    if os.path.exists(os.path.join(os.path.dirname(__file__), 'broken')):
        raise RuntimeError('cannot wake')

def handler(request):
    n = 0
    while piece := request.stream.read(65536):
        n += len(piece)
    return str(n)
`;

/** The hook of the unpacked code fails from now on: nothing else tells a clone apart from the one that was verified. */
function breakHook(file: string): void {
  const code = path.join(platform.dataDir, 'nodes', 'local', 'code');
  const found = (readdirSync(code, { recursive: true }) as string[]).filter(
    (name) => path.basename(name) === file && readFileSync(path.join(code, name), 'utf8').includes('cannot wake'),
  );
  expect(found).toHaveLength(1);
  writeFileSync(path.join(code, path.dirname(found[0] ?? ''), 'broken'), '');
}

test.each([
  ['nodejs', 'index.js', { runtime: 'nodejs', handler: 'index.handler' }, wakesNode],
  ['python', 'main.py', { runtime: 'python', handler: 'main.handler' }, wakesPython],
] as const)(
  '%s: a clone that does not wake is never seen, whatever body the request has',
  async (name, file, spec, text) => {
    await platform.deploy(
      name,
      {
        ...spec,
        scale: { keepAlive: '1ms' },
        checkpoint: { warmUp: [{ path: '/', method: 'POST', headers: json, body: '1' }] },
      },
      { [file]: text },
    );
    const post = async (): Promise<Answer> => {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      const answer = await platform.invoke(name, '/', { method: 'POST', body: BODY });
      expect([answer.status, answer.body]).toEqual([200, String(BODY.length)]);
      return answer;
    };
    await until('a restore', async () => (await post()).headers['x-presage-start'] === 'restore');
    breakHook(file);
    const causes: unknown[] = [];
    await until('the checkpoint is given up', async () => {
      causes.push((await post()).headers['x-presage-cause']);
      const { items } = jsonOf<{ items: { type: string; function: string }[] }>(
        await platform.probe.send('/v1/events?limit=200'),
      );
      return items.some((event) => event.type === 'checkpoint.quarantined' && event.function === name);
    });
    expect(causes.filter((cause) => cause === 'restore-failed')).toHaveLength(2);
    expect((await post()).headers['x-presage-start']).toBe('cold');
  },
);
