import { AsyncLocalStorage } from 'node:async_hooks';
import { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { lazyTemporalConnection } from '../../../gateway/api/temporal-connection';
import { createTemporalWorkflowStarter } from '../../../gateway/api/temporal-workflow-starter';
import { temporalBinary } from '../support/temporal-binary';
import { eventually, freePort } from '../support/eventually';

jest.setTimeout(120_000);

const input = { tenant: 'acme', function: 'hello', revision: 3, deploymentId: 'd1' };

describe('with a Temporal server', () => {
  let environment: TestWorkflowEnvironment;
  beforeAll(async () => {
    const executable = { type: 'existing-path', path: temporalBinary() } as const;
    environment = await TestWorkflowEnvironment.createLocal({
      server: { executable, log: { format: 'json', level: 'error' } },
    });
  });
  afterAll(() => environment.teardown());

  test('a start that is repeated joins the run that is there', async () => {
    const starter = createTemporalWorkflowStarter(environment.client, 'nobody-works-here');
    await starter.ping();
    await starter.startDeploy(input);
    const handle = environment.client.workflow.getHandle('deploy/acme/hello/3');
    const first = await handle.describe();
    expect(first).toMatchObject({
      type: 'deployFunction',
      taskQueue: 'nobody-works-here',
      status: { name: 'RUNNING' },
    });
    await starter.startDeploy(input);
    expect((await handle.describe()).runId).toBe(first.runId);
    await handle.terminate();
    await starter.startDeploy(input);
    expect((await handle.describe()).runId).not.toBe(first.runId);
  });

  test('a deployment does not join the run of an earlier one that is about to end', async () => {
    const starter = createTemporalWorkflowStarter(environment.client, 'nobody-works-here');
    const ending = { ...input, function: 'again' };
    await starter.startDeploy(ending);
    const handle = environment.client.workflow.getHandle('deploy/acme/again/3');
    const first = await handle.describe();
    const second = starter.startDeploy({ ...ending, deploymentId: 'd2' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await handle.describe()).runId).toBe(first.runId);
    await handle.terminate();
    await second;
    const described = await handle.describe();
    expect([described.runId === first.runId, described.status.name]).toEqual([false, 'RUNNING']);
    expect(described.memo).toEqual({ deploymentId: 'd2' });
  });

  test('no call switches the async hooks of the process on', async () => {
    const connection = lazyTemporalConnection({ address: environment.address }, 'default');
    const starter = createTemporalWorkflowStarter(new Client({ connection }), 'nobody-works-here');
    const run = jest.spyOn(AsyncLocalStorage.prototype, 'run');
    await starter.ping();
    await starter.startDeploy({ ...input, function: 'unhooked' });
    expect(run).not.toHaveBeenCalled();
    run.mockRestore();
    const described = await environment.client.workflow.getHandle('deploy/acme/unhooked/3').describe();
    expect(described.type).toBe('deployFunction');
    await connection.close();
  });

  test('what runs, and what starts by itself, is listed', async () => {
    const starter = createTemporalWorkflowStarter(environment.client, 'nobody-works-here');
    for (const name of ['one', 'two', "o'three"])
      await starter.startJudge(`court/listed/${name}`, { tenant: 'listed' });
    await starter.startJudge('court/listed-too/four', { tenant: 'listed-too' });
    await environment.client.workflow.getHandle('court/listed/one').terminate();
    const idsOf = async (filter: { running?: boolean; type?: string; prefix?: string }) =>
      (await starter.list({ limit: 10, ...filter })).map(({ workflowId, state }) => `${workflowId} ${state}`).sort();
    await eventually(async () => (await idsOf({ prefix: 'court/' })).length === 4 || undefined, 'all to be listed');
    await eventually(
      async () => (await idsOf({ prefix: 'court/listed/' })).includes('court/listed/one failed') || undefined,
      'the end of one to be listed',
    );
    expect(await idsOf({ prefix: 'court/listed/', running: true, type: 'judgePolicies' })).toEqual([
      "court/listed/o'three running",
      'court/listed/two running',
    ]);
    // Temporal drops a quote at the very end of a value, however it is escaped.
    expect(await idsOf({ prefix: "court/listed/o't" })).toEqual(["court/listed/o'three running"]);
    expect(await idsOf({ type: 'drainNode' })).toEqual([]);
    expect(await starter.list({ limit: 1, prefix: 'court/' })).toHaveLength(1);
    await environment.client.schedule.create({
      scheduleId: 'now-and-then',
      spec: { intervals: [{ every: '1 hour' }] },
      action: { type: 'startWorkflow', workflowType: 'keepLedger', taskQueue: 'nobody-works-here' },
      state: { note: 'for a test', paused: true },
    });
    const listed = await eventually(async () => {
      const schedules = await starter.schedules();
      return schedules.length > 0 ? schedules : undefined;
    }, 'the schedule to be listed');
    expect(listed).toEqual([
      expect.objectContaining({ scheduleId: 'now-and-then', type: 'keepLedger', note: 'for a test', paused: true }),
    ]);
  });

  test('a checkpoint is started under an id that says of what', async () => {
    const starter = createTemporalWorkflowStarter(environment.client, 'nobody-works-here');
    const { workflowId } = await starter.startCheckpoint({ tenant: 'acme', function: 'hello', revision: 3 });
    expect(workflowId).toBe('checkpoint/acme/hello/3');
    const described = await environment.client.workflow.getHandle(workflowId).describe();
    expect(described.type).toBe('checkpointLifecycle');
  });
});

test('without a server every call says so, in bounded time; when it comes back, so does the starter', async () => {
  const port = await freePort();
  const connection = lazyTemporalConnection({ address: `127.0.0.1:${port}` }, 'default');
  const starter = createTemporalWorkflowStarter(new Client({ connection }), 'queue');
  const away = expect.objectContaining({ code: 'unavailable', retryAfterSeconds: 5 }) as unknown;
  await expect(starter.ping()).rejects.toEqual(away);
  await expect(starter.startDeploy(input)).rejects.toEqual(away);
  await expect(starter.list({ limit: 5 })).rejects.toEqual(away);
  await expect(starter.schedules()).rejects.toEqual(away);
  const executable = { type: 'existing-path', path: temporalBinary() } as const;
  const server = { executable, port, log: { format: 'json', level: 'error' } };
  const environment = await TestWorkflowEnvironment.createLocal({ server });
  // gRPC waits between two attempts to connect: only the first calls may still fail.
  while (!(await starter.ping().then(() => true, () => false))); // prettier-ignore
  await starter.startDeploy(input);
  await connection.close();
  await environment.teardown();
});

/** A port that nothing listens on just now. */
