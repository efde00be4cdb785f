import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { migrateFunction } from '../../../workflows';
import type { MigrationView } from '../../../workflows/migration-progress';
import { FakeActivities } from './fake-activities';
import { run, startTemporal, stopTemporal } from './workflow-harness';

jest.setTimeout(120_000);

beforeAll(startTemporal);
afterAll(stopTemporal);

const INPUT = { function: 'hello', to: 'edge-1', steps: [50], holdSeconds: 0.01 };

/** Asks a migration where it is until that fits. */
async function until(handle: WorkflowHandle, fits: (view: MigrationView) => boolean): Promise<void> {
  while (!fits(await handle.query<MigrationView>('progress'))) await new Promise((resolve) => setTimeout(resolve, 50));
}

it('moves a function: checkpoint, start, as many as before, traffic by steps, then the old node is emptied', async () => {
  const fake = new FakeActivities();
  fake.inFlight = [2, 1];
  const { result } = await run('migrate', migrateFunction, INPUT, fake);
  expect(result).toMatchObject({ from: 'central-1', to: 'edge-1', outcome: 'completed', reason: null });
  expect(fake.placements).toEqual([
    'central-1:100 edge-1:0 !',
    'central-1:50 edge-1:50 !',
    'central-1:0 edge-1:100 !',
    'edge-1:100 !',
    'edge-1:100',
  ]);
  const order = [
    'checkMigration',
    'shipCheckpoint',
    'startTemplate',
    'publishShipped',
    'releaseTemplate',
    'warmTarget',
  ];
  const last = ['drainNode', 'drainNode', 'drainNode', 'settleCheckpoints', 'closeMigration'];
  expect(fake.calls.filter((call) => [...order, ...last].includes(call))).toEqual([...order, ...last]);
  expect(fake.closed).toBe('completed');
});

it('leaves a checkpoint behind that is no faster than a cold start', async () => {
  const fake = new FakeActivities();
  fake.restoreMs = 90;
  await run('migrate-no-checkpoint', migrateFunction, INPUT, fake);
  expect(fake.calls).toContain('returnShipped');
  expect(fake.calls).not.toContain('publishShipped');
});

it('refuses before anything moves', async () => {
  const fake = new FakeActivities();
  fake.failNext('checkMigration', 'conflict');
  const { error } = await run('migrate-refused', migrateFunction, INPUT, fake);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect(fake.calls).toEqual(['openMigration', 'checkMigration', 'closeMigration']);
  expect(fake.closed).toBe('refused: checkMigration was told to fail');
});

it('names everything that is wrong with its input', async () => {
  const { error } = await run(
    'migrate-invalid',
    migrateFunction,
    { function: 'No Name', too: 1 },
    new FakeActivities(),
  );
  expect(error?.cause?.message).toMatch(/3 problem\(s\).*function:.*to:.*too/s);
});

it.each([
  ['shipCheckpoint', 'internal'],
  ['startTemplate', 'start_failed'],
  ['warmTarget', 'conflict'],
  ['checkShift', 'conflict'],
  ['shiftPlacement', 'precondition_failed'],
] as const)('puts everything back when %s fails', async (activity, code) => {
  const fake = new FakeActivities();
  fake.failNext(activity, code);
  const { error } = await run(`migrate-failed-${activity}`, migrateFunction, INPUT, fake);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect(fake.placements.at(-1)).toBe('back to central-1:100');
  expect(fake.closed).toBe(`rolled-back: ${activity} was told to fail`);
  expect(fake.calls).not.toContain('settleCheckpoints');
  // Traffic first; then what was begun on the target.
  const undone = fake.calls.slice(fake.calls.indexOf('restorePlacement'));
  if (fake.calls.includes('startTemplate'))
    expect(undone).toEqual(expect.arrayContaining(['giveUpTemplate', 'drainNode']));
});

it('goes on when the old node does not answer any more once it is out', async () => {
  const fake = new FakeActivities();
  fake.failNext('drainNode', 'unavailable');
  const { result } = await run('migrate-source-away', migrateFunction, INPUT, fake);
  expect(result?.outcome).toBe('completed');
  expect(fake.placements.at(-1)).toBe('edge-1:100');
});

it('sends all traffic at once when the old node is lost, and drains nothing', async () => {
  const fake = new FakeActivities();
  fake.fromLost = true;
  const { result } = await run('migrate-lost', migrateFunction, { ...INPUT, reason: 'node-lost' }, fake);
  expect(result?.outcome).toBe('completed');
  expect(fake.placements).toEqual(['central-1:0 edge-1:100 !', 'edge-1:100 !', 'edge-1:100']);
  expect(fake.calls.indexOf('shiftPlacement')).toBeLessThan(fake.calls.indexOf('startTemplate'));
  expect(fake.calls).not.toContain('drainNode');
});

it('waits for approval, and tells how far it is', async () => {
  const fake = new FakeActivities();
  const { result } = await run(
    'migrate-approved',
    migrateFunction,
    { ...INPUT, approval: true },
    fake,
    async (handle) => {
      await until(handle, ({ state }) => state === 'waiting for approval');
      expect(fake.calls).not.toContain('warmTarget');
      await handle.signal('approve');
    },
  );
  expect(result?.outcome).toBe('completed');
});

it('is aborted by a signal', async () => {
  const fake = new FakeActivities();
  const { result } = await run(
    'migrate-aborted',
    migrateFunction,
    { ...INPUT, holdSeconds: 600 },
    fake,
    async (handle) => {
      await until(handle, ({ percent }) => percent === 50);
      await handle.signal('abort', 'not today');
    },
  );
  expect(result).toMatchObject({ outcome: 'rolled-back', reason: 'not today' });
  expect(fake.placements.at(-1)).toBe('back to central-1:100');
  expect(fake.closed).toBe('rolled-back: not today');
});
