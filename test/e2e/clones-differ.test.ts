import { openTestPlatform, type TestPlatform } from './support/test-platform';

jest.setTimeout(600_000);

/** Restores of one checkpoint that must not give two equal values. */
const CLONES = process.env['PRESAGE_TEST_LONG'] === '1' ? 1000 : 250;
const AT_ONCE = 4;
/** Longer than a gateway keeps an idle instance, so that the next round finds none. */
const PAUSE_MS = 30;

let platform: TestPlatform;

beforeAll(async () => {
  platform = await openTestPlatform({ PRESAGE__AGENT__LINGER: '1ms' });
  await platform.pauseWarmPools();
});
afterAll(() => platform.stop());

const node = `
const { randomUUID, randomBytes } = require('node:crypto');
exports.handler = () => [randomUUID(), String(Math.random()), randomBytes(16).toString('hex')];`;

const python = `
import os, random, uuid

def handler(request):
    return [str(uuid.uuid4()), str(random.random()), os.urandom(16).hex(), str(random.SystemRandom().random())]
`;

test.each([
  ['nodejs', { runtime: 'nodejs', handler: 'index.handler' }, { 'index.js': node }],
  ['python', { runtime: 'python', handler: 'main.handler' }, { 'main.py': python }],
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
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  expect(restored).toBeGreaterThanOrEqual(CLONES);
  expect(new Set(values).size).toBe(values.length);
});
