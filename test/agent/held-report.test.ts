import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { heldBatchJson, readHeldBatch, type HeldBatch } from '../../core/cost/warmth/held-batch';
import { createLocalSpool } from '../../drivers/spool/local/local-spool';
import type { Spool } from '../../drivers/spool/spool';
import { AgentHarness, runSpec, until, type HarnessOptions } from './agent-harness';

const BYTES = 100 * 2 ** 20;
let harness: AgentHarness;
let dir: string;
const open = async (options: HarnessOptions = {}): Promise<AgentHarness> =>
  (harness = await AgentHarness.open({ heldEveryMs: 50, ...options }));
beforeEach(() => (dir = mkdtempSync(path.join(tmpdir(), 'held-report-'))));
afterEach(async () => {
  await harness.close();
  rmSync(dir, { recursive: true, force: true });
});

const spool = (): Spool<HeldBatch> =>
  createLocalSpool({
    dir,
    maxBytes: 2 ** 20,
    write: heldBatchJson,
    read: readHeldBatch,
    log: { warn: () => undefined },
  });
/** Milliseconds that were reported of a function, running and frozen. */
const reported = (name: string): { running: number; frozen: number } => {
  const rows = harness.held.flatMap((batch) => batch.rows).filter((row) => row.function === name);
  const sum = (of: (row: (typeof rows)[number]) => bigint): number =>
    Number(rows.reduce((all, row) => all + of(row), 0n)) / BYTES;
  return { running: sum((row) => row.runningByteMs), frozen: sum((row) => row.frozenByteMs) };
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it('an instance is charged for while it rests, and not while a gateway has it', async () => {
  await open();
  const gateway = harness.gateway();
  const { instanceId } = await gateway.acquire(runSpec('hello'));
  await pause(300);
  const before = reported('hello');
  expect(before.running + before.frozen).toBeLessThan(100);
  const releasedAt = Date.now();
  gateway.release(instanceId);
  await until('it is frozen', async () => (await harness.stateOf(instanceId)) === 'frozen');
  await pause(300);
  await until('it was reported', () => reported('hello').frozen >= 200);
  expect(reported('hello').frozen).toBeLessThanOrEqual(Date.now() - releasedAt);
  expect(harness.held[0]).toMatchObject({ node: 'local', pricing: 'test', prices: { gbSecondRunning: 10 } });
  expect(new Set(harness.held.map(({ id }) => id)).size).toBe(harness.held.length);
});

it('what could not be reported is when the store is back, by the next agent if the first was killed', async () => {
  await open({ heldSpool: spool() });
  const gateway = harness.gateway();
  const { instanceId } = await gateway.acquire(runSpec('hello'));
  gateway.release(instanceId);
  await until('it is frozen', async () => (await harness.stateOf(instanceId)) === 'frozen');
  harness.away = true;
  const from = harness.held.length;
  await pause(300);
  expect(harness.held).toHaveLength(from);
  await harness.agent.close({ destroyAll: false });
  await harness.kill();
  expect(spool().bytes).toBeGreaterThan(0);
  const before = reported('hello').frozen;
  harness.away = false;
  await harness.start({ heldSpool: spool() });
  await until('the time of the outage was reported', () => reported('hello').frozen - before >= 250);
  await until('nothing waits any more', () => spool().bytes === 0);
});
