import { WorkflowFailedError } from '@temporalio/client';
import { adviseCosts, applyAdvice } from '../../../workflows';
import { ADVICE_ID, FakeActivities } from './fake-activities';
import { run, startTemporal, stopTemporal } from './workflow-harness';

jest.setTimeout(120_000);

beforeAll(startTemporal);
afterAll(stopTemporal);

const id = ADVICE_ID;

describe('adviseCosts', () => {
  it('replays each policy once, asks the strategies and tells what they say', async () => {
    const fake = new FakeActivities();
    const { result } = await run('advise-costs', adviseCosts, { policies: ['presage', 'none'] }, fake);
    expect(result).toMatchObject({ found: 2, savesMonthly: 2.5, told: [{ id }], apply: [] });
    expect(Date.parse(result?.to ?? '') - Date.parse(result?.from ?? '')).toBe(86_400_000);
    expect(fake.calls).toEqual(['livePolicy', 'replayEvidence', 'replayEvidence', 'adviseCosts']);
  });

  it('does without the court where there is nothing to replay', async () => {
    const fake = new FakeActivities();
    fake.failNext('replayEvidence', 'invalid_argument');
    const { result } = await run('advise-costs-nothing', adviseCosts, {}, fake);
    expect(result).toMatchObject({ found: 0 });
  });

  it('looks at no policies for one tenant, and names everything that is wrong with its input', async () => {
    const fake = new FakeActivities();
    await run('advise-costs-tenant', adviseCosts, { tenant: 'acme' }, fake);
    expect(fake.calls).toEqual(['adviseCosts']);
    const wrong = { strategies: ['luck'], window: '1s', policies: ['best'] };
    const { error } = await run('advise-costs-invalid', adviseCosts, wrong, new FakeActivities());
    expect(error?.cause?.message).toMatch(/3 problem\(s\).*strategies\.0.*window.*policies\.0/s);
  });
});

describe('applyAdvice', () => {
  it('deploys a patched revision, and keeps it when a person says so', async () => {
    const fake = new FakeActivities();
    fake.moment = 'never';
    const { result } = await run('apply-advice', applyAdvice, { id }, fake, async (handle) => {
      while (!fake.adviceNotes.some((note) => note.startsWith('watching'))) await tick();
      await handle.signal('keep');
    });
    expect(result).toEqual({ id, outcome: 'kept', reason: 'kept by hand' });
    expect(fake.calls.filter((call) => ['beginAdvice', 'patchedRevision', 'shiftAlias', 'noteAdvice'].includes(call))).toEqual(
      ['beginAdvice', 'patchedRevision', 'shiftAlias', 'noteAdvice', 'noteAdvice'],
    ); // prettier-ignore
    expect(fake.adviceNotes).toEqual([
      'watching: deploy acme/pay with resources.memory 96Mi instead of what revision 3 has; judged after 1h',
      'kept: kept by hand',
    ]);
  });

  it('takes back at once what a person does not want, and says why', async () => {
    const fake = new FakeActivities();
    fake.adviceChange = { kind: 'policy', from: 'fixed:10m', to: 'presage' };
    const { result } = await run('apply-advice-reverted', applyAdvice, { id, window: '7d' }, fake, async (handle) => {
      while (fake.adviceNotes.length < 2) await tick();
      await handle.signal('revert', 'callers complain');
    });
    expect(result).toEqual({ id, outcome: 'reverted', reason: 'callers complain' });
    expect(fake.adviceNotes).toEqual([
      'policy fixed:10m to presage',
      expect.stringMatching(/^watching: put the policy presage in force/),
      'policy presage to fixed:10m',
      'reverted: callers complain',
    ]);
  });

  it('changes nothing that it cannot change', async () => {
    const fake = new FakeActivities();
    fake.failNext('verifyRevision', 'not_found');
    const { error } = await run('apply-advice-failed', applyAdvice, { id }, fake);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect(fake.adviceNotes).toEqual(['failed: verifyRevision was told to fail']);
  });

  it('refuses what no longer holds', async () => {
    const fake = new FakeActivities();
    fake.failNext('beginAdvice', 'precondition_failed');
    const { error } = await run('apply-advice-refused', applyAdvice, { id }, fake);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect(fake.calls).toEqual(['beginAdvice']);
  });

  it('takes back one that was kept, unless somebody has changed it since', async () => {
    const fake = new FakeActivities();
    fake.adviceChange = { kind: 'drain', node: 'edge-1' };
    const { result } = await run('apply-advice-undone', applyAdvice, { id, undo: true }, fake);
    expect(result).toMatchObject({ outcome: 'reverted' });
    expect(fake.adviceNotes).toEqual(['edge-1 is ready', 'reverted: taken back by hand']);
    const other = new FakeActivities();
    other.adviceApplied = false;
    expect((await run('apply-advice-changed', applyAdvice, { id, undo: true }, other)).result).toMatchObject({
      outcome: 'kept',
      reason: expect.stringContaining('somebody has changed it since') as string,
    });
  });
});

// The last: what it has applied goes on after it.
describe('cost.autoApply', () => {
  it('applies what the configuration names', async () => {
    const fake = new FakeActivities();
    fake.applyAdvice = [id];
    const { result } = await run('advise-costs-applies', adviseCosts, {}, fake);
    expect(result).toMatchObject({ apply: [id] });
  });
});

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
