import { AgentHarness, runSpec, until, type HarnessOptions } from './agent-harness';

let harness: AgentHarness;
const open = async (options: HarnessOptions = {}): Promise<AgentHarness> =>
  (harness = await AgentHarness.open(options));
afterEach(() => harness.close());

const warmUp = [{ method: 'POST', path: '/warm', headers: { 'x-test': '1' }, body: 'hi', times: 3 }];
const checkpoint = { when: 'deploy' as const, mapPages: true, warmUp };

describe('templates', () => {
  it('are warmed up and health-checked, once for each key, and stay aside from traffic', async () => {
    const asked: string[] = [];
    await open({
      handler: async (request, response) => {
        let body = '';
        for await (const piece of request) body += String(piece);
        asked.push(`${request.method} ${request.url} ${String(request.headers['x-test'])} ${body}`);
        response.end('ok');
      },
    });
    const run = runSpec('hello', { checkpoint, healthPath: '/health' });
    const request = { key: 'deploy/1', runSpecJson: JSON.stringify(run), warmUp: true, deadlineMs: 5_000 };
    const [reply, again] = await Promise.all([
      harness.client.startTemplate(request),
      harness.client.startTemplate(request),
    ]);
    expect(reply).toMatchObject({ warmUpRequests: 3, healthStatus: 200 });
    expect(again).toEqual(reply);
    expect(await harness.client.startTemplate(request)).toEqual(reply);
    expect(asked).toEqual(['GET /health undefined ', ...Array(3).fill('POST /warm 1 hi')]);

    const gateway = harness.gateway();
    expect((await gateway.acquire(run)).instanceId).not.toBe(reply.instanceId);
    await harness.client.releaseTemplate({ instanceId: reply.instanceId, keep: true });
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'warm', instanceId: reply.instanceId });
  });

  it('end when their deploy does not keep them, and are made anew for the same key', async () => {
    await open();
    const request = { key: 'k', runSpecJson: JSON.stringify(runSpec('hello')), warmUp: false, deadlineMs: 5_000 };
    const { instanceId } = await harness.client.startTemplate(request);
    await harness.client.releaseTemplate({ instanceId, keep: false });
    expect(harness.machine.instances.size).toBe(0);
    await harness.client.releaseTemplate({ instanceId, keep: false });
    expect((await harness.client.startTemplate(request)).instanceId).not.toBe(instanceId);
  });

  it('are given up by their key, whether they have started or not, and are not made again for it', async () => {
    await open();
    const run = JSON.stringify(runSpec('hello'));
    const request = (key: string) => ({ key, runSpecJson: run, warmUp: false, deadlineMs: 5_000 });
    const giveUp = (key: string) => harness.client.releaseTemplate({ instanceId: '', keep: false, key });
    await harness.client.startTemplate(request('started'));
    const starting = harness.client.startTemplate(request('starting'));
    await giveUp('started');
    await giveUp('starting');
    await starting.catch(() => undefined);
    await giveUp('never');
    expect(harness.machine.instances.size).toBe(0);
    for (const key of ['started', 'never']) {
      await expect(harness.client.startTemplate(request(key))).rejects.toMatchObject({ code: 'conflict' });
    }
    expect(harness.machine.instances.size).toBe(0);
  });

  it.each([
    ['its health check', { healthPath: '/bad', checkpoint: { ...checkpoint, warmUp: [] } }, 'health check GET /bad'],
    ['a warm-up request', { checkpoint: { ...checkpoint, warmUp: [{ ...warmUp[0]!, path: '/bad' }] } }, 'POST /bad'],
  ])('fail with a clear error when the function answers %s with 500', async (_what, change, message) => {
    await open({
      handler: (request, response) => {
        response.writeHead(request.url === '/bad' ? 500 : 200).end();
      },
    });
    const runSpecJson = JSON.stringify(runSpec('hello', change));
    const starting = harness.client.startTemplate({ key: 'k', runSpecJson, warmUp: true, deadlineMs: 5_000 });
    await expect(starting).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringContaining(message) as string,
    });
    await until('nothing is left', () => harness.machine.instances.size === 0);
    expect((await harness.client.stats()).memoryCommittedBytes).toBe(0);
  });

  it('tell the last lines of a function that ends before it listens', async () => {
    await open({
      wrap: (driver) =>
        Object.assign(Object.create(driver) as typeof driver, {
          start: async (id: string) => {
            const running = await driver.start(id);
            driver.say(id, null, 'Error: Cannot find module "left-pad"');
            await driver.crash(id, { code: 1, signal: null });
            return running;
          },
        }),
    });
    const runSpecJson = JSON.stringify(runSpec('broken'));
    const starting = harness.client.startTemplate({ key: 'k', runSpecJson, warmUp: true, deadlineMs: 5_000 });
    await expect(starting).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringMatching(/exited with code 1 before it listened[^]*left-pad/) as string,
    });
    // Callers of the function learn that it failed, not what it wrote.
    await expect(harness.gateway().acquire(runSpec('broken'))).rejects.toMatchObject({
      code: 'start_failed',
      message: 'The function exited with code 1 before it listened',
    });
  });
});

describe('checkpoints', () => {
  it('are due after the first request of a function that asked for it so, and made without losing the instance', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('lazy', { checkpoint: { when: 'first-request', mapPages: true, warmUp: [] } });
    const runSpecJson = JSON.stringify(run);
    const { instanceId } = await gateway.acquire(run);
    await until('it is connected', () => gateway.connected);
    gateway.release(instanceId, 0);
    await until('it is frozen', async () => (await harness.stateOf(instanceId)) === 'frozen');
    expect(gateway.due).toEqual([]);

    await gateway.acquire(run);
    gateway.release(instanceId, 1);
    await until('it is told', () => gateway.due.length === 1);
    expect(gateway.due).toEqual([{ tenant: 'default', function: 'lazy', revision: 1, instanceId, traceparent: '' }]);
    expect(await harness.stateOf(instanceId)).toBe('idle');
    const made = await harness.client.checkpoint({ checkpointId: 'ck-1', instanceId, runSpecJson });
    expect(made).toMatchObject({ hostKey: 'simulated/1/nodejs' });
    expect(made.rawBytes).toBeGreaterThan(0);
    expect(await harness.client.checkpoint({ checkpointId: 'ck-1', instanceId, runSpecJson })).toEqual(made);
    await until('it serves again', async () => (await harness.stateOf(instanceId)) === 'frozen');
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'warm', instanceId });
  });

  it('take an instance from its gateway, and from the freezer', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('hello');
    const runSpecJson = JSON.stringify(run);
    const { instanceId } = await gateway.acquire(run);
    await until('it is connected', () => gateway.connected);
    await harness.client.checkpoint({ checkpointId: 'ck-1', instanceId: '', runSpecJson });
    expect(gateway.withdrawn).toEqual([{ instanceId, reason: 'checkpoint' }]);
    await until('it is frozen', async () => (await harness.stateOf(instanceId)) === 'frozen');
    await harness.client.checkpoint({ checkpointId: 'ck-2', instanceId, runSpecJson });
    expect(await gateway.acquire(run)).toMatchObject({ instanceId });
  });

  it('leave a function running whose checkpoint failed', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('hello');
    const runSpecJson = JSON.stringify(run);
    const { instanceId } = await gateway.acquire(run);
    gateway.release(instanceId);
    harness.driver.failNext('checkpoint');
    const request = { checkpointId: 'ck-1', instanceId, runSpecJson };
    await expect(harness.client.checkpoint(request)).rejects.toMatchObject({ code: 'checkpoint_failed' });
    expect(harness.checkpoints.dropped).toEqual(['ck-1']);
    expect(await gateway.acquire(run)).toMatchObject({ instanceId });
    gateway.release(instanceId);
    expect(await harness.client.checkpoint(request)).toMatchObject({ hostKey: 'simulated/1/nodejs' });
  });

  it('refuse what is not there, and names that could leave their folder', async () => {
    await open();
    const runSpecJson = JSON.stringify(runSpec('hello'));
    const request = { checkpointId: 'ck-1', instanceId: 'unknown', runSpecJson };
    await expect(harness.client.checkpoint(request)).rejects.toMatchObject({ code: 'not_found' });
    await expect(harness.client.checkpoint({ ...request, instanceId: '' })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(harness.client.checkpoint({ ...request, checkpointId: '../x' })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });

  it('that do not restore are not verified, and nothing of the trial is left', async () => {
    await open();
    const runSpecJson = JSON.stringify(runSpec('hello'));
    const digest = `sha256:${'c'.repeat(64)}`;
    const verifying = harness.client.verify({ checkpointId: 'missing', runSpecJson, digest });
    await expect(verifying).rejects.toMatchObject({ code: 'restore_failed' });
    const { instances, memoryCommittedBytes } = await harness.client.stats();
    expect({ instances, memoryCommittedBytes }).toEqual({ instances: [], memoryCommittedBytes: 0 });
    expect(harness.checkpoints.pins.get('missing')).toBe(0);
  });
});
