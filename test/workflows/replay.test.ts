import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';

jest.setTimeout(120_000);

const HISTORIES = path.join(__dirname, '../histories');
const files = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));

interface History {
  readonly events: readonly { readonly workflowExecutionStartedEventAttributes?: { readonly workflowId?: string } }[];
}

let bundle: WorkflowBundle;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  bundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows'),
    workflowInterceptorModules: [require.resolve('../../workflows/trace-interceptors')],
    logger: new DefaultLogger('ERROR'),
  });
});

test('there is a history of every workflow', () => {
  for (const start of [
    'deploy',
    'checkpoint',
    'warm-pools',
    'retrain-models',
    'forecast-shard',
    'drain-node',
    'migrate',
    'optimize',
    'replica',
    'enforce-budget',
    'deliver-alert',
    'advise-costs',
    'apply-advice',
    'keep-ledger',
  ])
    expect(files.some((file) => file.startsWith(start))).toBe(true);
});

test.each(files)('today’s code replays %s', async (file) => {
  const history = JSON.parse(readFileSync(path.join(HISTORIES, file), 'utf8')) as History;
  // Workflows name their children after themselves.
  const workflowId = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? file;
  await expect(Worker.runReplayHistory({ workflowBundle: bundle }, history, workflowId)).resolves.toBeUndefined();
});
