import { openTestPlatform, type TestPlatform } from './support/test-platform';

jest.setTimeout(600_000);

/** Restores of one checkpoint that must not give two equal values. */
const CLONES = 1000;
const AT_ONCE = 4;

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
] as const)('%s: no two of 1,000 clones draw the same number', async (name, spec, files) => {
  await platform.deploy(
    name,
    { ...spec, scale: { keepAlive: '1ms' }, checkpoint: { warmUp: [{ path: '/', times: 3 }] } },
    files,
  );
  const values: string[] = [];
  let restored = 0;
  const line = async (): Promise<void> => {
    while (restored < CLONES) {
      const answer = await platform.invoke(name);
      expect(answer.status).toBe(200);
      if (answer.headers['x-presage-start'] !== 'restore') continue;
      restored++;
      values.push(...(JSON.parse(answer.body) as string[]));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  expect(new Set(values).size).toBe(values.length);
});
