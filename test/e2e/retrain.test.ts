import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { parseManifest } from '../../core/function/manifest';
import { openPostgresStore } from '../../drivers/store/postgres';
import type { Store } from '../../drivers/store/store';
import { environmentOf } from '../../workers/all/environment';
import { parseFlags } from '../../workers/all/flags';
import { signal } from '../../workers/all/process/process-identity';
import { ownPostgresUrl } from '../../workers/all/services/postgres-cluster';
import { pidFiles } from '../../workers/all/start-command';
import { pastOf } from '../activities/sample-past';
import { manifestOf } from '../gateway/api/api-harness';
import { openTestPlatform, until, type TestPlatform } from './support/test-platform';

jest.setTimeout(420_000);

const FUNCTIONS = 20;
const MINUTES = 3 * 1_440;

let platform: TestPlatform;
let store: Store;
let watched: string;
beforeAll(async () => {
  platform = await openTestPlatform({ PRESAGE__AGENT__SANDBOX: 'process' });
  store = openPostgresStore(ownPostgresUrl(platform.config));
  const kinds = ['timer', 'daily', 'rare'] as const;
  for (let i = 0; i < FUNCTIONS; i++) {
    const manifest = parseManifest(manifestOf(`f${i}`));
    const made = await store.createRevision({ tenant: 'default', manifest, digest: randomUUID(), codeDigest: 'c', codeKind: 'layer' }); // prettier-ignore
    const functionId = made.function.id;
    if (i === 0) watched = functionId;
    const past = pastOf(kinds[i % kinds.length] ?? 'timer', MINUTES - i, new Date());
    await store.importHistory({ tenant: 'default', source: 'test', series: [{ functionId, ...past }] });
  }
});
afterAll(async () => {
  await store.close();
  await platform.stop();
});

/** SIGKILL to a process of the platform; whoever supervises it starts it anew. */
function kill(name: string): void {
  const flags = ['--data-dir', platform.dataDir];
  const record = pidFiles(environmentOf(parseFlags(flags))).running(name);
  if (!record) throw new Error(`${name} does not run`);
  signal(record, 'SIGKILL');
}

const forecast = async (): Promise<{ modelId: string | null; at: string } | null> => {
  const { code, stdout } = await platform.cli('forecast', 'f0', '-o', 'json');
  return code === 0 ? (JSON.parse(stdout) as { modelId: string | null; at: string }) : null;
};

test('a function with an imported past is forecast within two minutes, by the members that need no training', async () => {
  const found = await until('a forecast', async () => (await forecast()) ?? undefined, 150_000);
  expect(found.modelId).toBeNull();
  expect((await platform.cli('forecast', 'f0', '--plot')).stdout).toContain('+10 min');
});

test('a training asked for by the CLI gives models of their own', async () => {
  const { stdout } = await platform.cli('forecast', 'retrain');
  expect(stdout).toContain('retrain/default');
  await until('a deployed model', async () => {
    const { items } = await store.forecastModels({ functionId: watched, states: ['deployed'] });
    return items.length > 0;
  }, 120_000); // prettier-ignore
  const { stdout: models } = await platform.cli('forecast', 'models', 'f0');
  expect(models).toContain('deployed');
});

test('worker and server killed in the middle of training: it ends, nothing was trained twice, the old model answered', async () => {
  const temporal = new Client({ connection: await Connection.connect({ address: `127.0.0.1:${platform.config.temporal.port}` }) }); // prettier-ignore
  const handle = await temporal.workflow.start('retrainModels', {
    taskQueue: platform.config.temporal.taskQueue,
    workflowId: 'retrain-by-hand',
    args: [{ force: true }],
  });
  const run = handle.firstExecutionRunId;
  const before = (await store.currentForecastModels('deployed')).map(({ functionId, id }) => `${functionId} ${id}`);
  let watching = true;
  const gaps: string[] = [];
  const watcher = (async () => {
    while (watching) {
      const deployed = await store.currentForecastModels('deployed');
      if (deployed.length < before.length) gaps.push(`${deployed.length} of ${before.length} models`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const noted = (step: string) => until(step, async () => (await store.trainingStep(run, step)) ?? undefined, 120_000);

  await noted('epoch/0');
  kill('control');
  await noted('epoch/2');
  kill('temporal');
  const result = await until('the end of the training', async () => {
    const status = await handle.describe().catch(() => null);
    return status?.status.name === 'COMPLETED';
  }, 180_000).then(() => handle.result()); // prettier-ignore
  watching = false;
  await watcher;
  expect(gaps).toEqual([]);
  expect(result).toMatchObject({ trained: FUNCTIONS, failed: [] });
  const steps = await store.trainingSteps(run);
  expect(steps.map(({ step }) => step)).toEqual(
    expect.arrayContaining(['collect', 'fit/0', 'epoch/0', 'epoch/3', 'network']),
  );
  for (const { step, computed } of steps) expect([step, computed]).toEqual([step, 1]);
  await temporal.connection.close();
});
