import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunSpec } from '../../core/function/run-spec';
import { AgentHarness, runSpec, until, type TestGateway } from './agent-harness';

let harness: AgentHarness;
let gateway: TestGateway;
beforeEach(async () => {
  harness = await AgentHarness.open({ leaseGraceMs: 60_000 });
  gateway = harness.gateway();
});
afterEach(() => harness.close());

/** What is written of a revision; a killed agent writes nothing more. */
async function written(run: RunSpec, part: object): Promise<void> {
  await until(`${JSON.stringify(part)} is on the disk`, () => {
    try {
      const text = readFileSync(path.join(harness.folder, 'state', 'revisions.json'), 'utf8');
      const entry = (JSON.parse(text) as { revisionId: string }[]).find(
        ({ revisionId }) => revisionId === run.revisionId,
      );
      return entry !== undefined && JSON.stringify({ ...entry, ...part }) === JSON.stringify(entry);
    } catch {
      return false;
    }
  });
}

async function acquired(run: RunSpec, count: number): Promise<string[]> {
  const replies = [];
  for (let index = 0; index < count; index++) replies.push(await gateway.acquire(run));
  return replies.map(({ instanceId }) => instanceId);
}

async function causes(run: RunSpec, count: number): Promise<(string | null)[]> {
  const replies = await Promise.all(Array.from({ length: count }, () => gateway.acquire(run)));
  return replies.map(({ cause }) => cause).sort();
}

/** One has idled out before: what a later start would be put down to if nothing else were known. */
async function idledOut(run: RunSpec): Promise<void> {
  const { instanceId } = await gateway.acquire({ ...run, scale: { ...run.scale, keepAliveMs: 0 } });
  gateway.release(instanceId);
  await until('it has ended', () => !harness.machine.instances.has(instanceId));
}

describe('the cause of a start after a restart', () => {
  it('is the node’s loss for as many as went with it, and burst for those beyond', async () => {
    const run = runSpec('hello');
    await idledOut(run);
    const lost = await acquired(run, 2);
    await written(run, { alive: 2 });
    await harness.kill();
    for (const id of lost) await harness.machine.end(id, { code: null, signal: 'SIGKILL', outOfMemory: false });
    await harness.start();
    expect(await causes(run, 3)).toEqual(['burst', 'node-lost', 'node-lost']);
    expect(await causes(run, 1)).toEqual(['burst']);
  });

  it('is the loss of the agent while nobody has claimed what it left, not burst', async () => {
    const run = runSpec('hello');
    await idledOut(run);
    await acquired(run, 1);
    await written(run, { alive: 1 });
    gateway.close();
    await harness.kill();
    await harness.start();
    gateway = harness.gateway('another');
    expect(await causes(run, 2)).toEqual(['burst', 'node-lost']);
  });

  it('is burst when the gateway has claimed what it used all along', async () => {
    const run = runSpec('hello');
    await acquired(run, 1);
    await written(run, { alive: 1 });
    const { welcomes } = gateway;
    await harness.kill();
    await harness.start();
    await until('the gateway is back', () => gateway.welcomes > welcomes);
    expect(await causes(run, 1)).toEqual(['burst']);
  });

  it('is the node’s absence after an orderly stop, until something ends for a reason of its own', async () => {
    const run = runSpec('hello');
    await acquired(run, 2);
    await harness.agent.drain({ deadlineMs: 5_000 }, 'stopped');
    await harness.agent.close({ destroyAll: true });
    await until('its row says why', () => [...harness.rows.values()].every(({ reason }) => reason === 'stopped'));
    await harness.kill();
    await harness.start();
    const [instanceId = ''] = await acquired(run, 1);
    await written(run, { alive: 1, lost: 1 });
    await harness.driver.crash(instanceId);
    await until('the gateway knows', () => gateway.gone.some((notice) => notice.instanceId === instanceId));
    await idledOut(run);
    expect(await causes(run, 1)).toEqual(['expired']);
  });

  it('is migration after a drain that empties a node which goes on', async () => {
    const run = runSpec('hello');
    await acquired(run, 1);
    await harness.client.drain({ deadlineMs: 5_000 });
    await harness.agent.close({ destroyAll: true });
    await harness.kill();
    await harness.start();
    expect(await causes(run, 1)).toEqual(['migration']);
  });
});
