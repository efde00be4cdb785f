import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jsonOf, type Answer } from '../../bench/harness/http-probe';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(300_000);

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

const node = `
const fs = require('node:fs');
exports.afterRestore = () => { if (fs.existsSync(__dirname + '/broken')) throw new Error('cannot wake'); };
exports.handler = (req) => String(req.rawBody.length);`;

const python = `
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
  const found = (readdirSync(code, { recursive: true }) as string[]).filter((name) => path.basename(name) === file);
  expect(found).toHaveLength(1);
  writeFileSync(path.join(code, path.dirname(found[0] ?? ''), 'broken'), '');
}

test.each([
  ['nodejs', 'index.js', { runtime: 'nodejs', handler: 'index.handler' }, node],
  ['python', 'main.py', { runtime: 'python', handler: 'main.handler' }, python],
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
