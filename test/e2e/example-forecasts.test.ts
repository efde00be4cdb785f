import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../bench/harness/platform';
import { assetPath } from '../../drivers/asset-path';
import { until } from './support/test-platform';

jest.setTimeout(400_000);

const FLAGS = ['--port', '--postgres-port', '--temporal-port', '--temporal-ui-port'];

let dataDir: string;
let flags: string[];
beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'presage-examples-'));
  flags = ['--data-dir', dataDir];
  for (const flag of FLAGS) flags.push(flag, String(await freePort()));
});
afterAll(async () => {
  await start('--stop');
  rmSync(dataDir, { recursive: true, force: true });
});

function start(...more: string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [assetPath('bin/start.js'), ...flags, ...more], { stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', resolve);
  });
}

test('after npm start the examples are forecast', async () => {
  expect(await start('--detach')).toBe(0);
  const { url, apiKey } = JSON.parse(readFileSync(path.join(dataDir, 'client.json'), 'utf8')) as Record<string, string>;
  const forecast = await until('a forecast of hello-node', async () => {
    const target = `${url}/v1/functions/hello-node/forecast?history=60`;
    const answer = await fetch(target, { headers: { authorization: `Bearer ${apiKey}` } });
    return answer.ok ? ((await answer.json()) as { mean: number[]; spoke: string; history: { counts: number[] } }) : undefined; // prettier-ignore
  }, 150_000); // prettier-ignore
  expect(forecast.mean).toHaveLength(10);
  expect(forecast.mean.every((value) => value >= 0)).toBe(true);
  expect(forecast.history.counts).toHaveLength(60);
});
