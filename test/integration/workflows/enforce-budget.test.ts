import type { WorkflowHandle } from '@temporalio/client';
import type { SentAlert } from '../../../activities/alert-activities';
import { deliverAlert, enforceBudget } from '../../../workflows';
import { FakeActivities, sampleDecision } from './fake-activities';
import { run, startTemporal, stopTemporal } from './workflow-harness';

jest.setTimeout(120_000);

beforeAll(() => startTemporal());
afterAll(stopTemporal);

const REF = { budgetId: 'b1', tenant: 'acme', budget: 'month', percent: 90, periodStart: '2026-03-01T00:00:00.000Z' };
const delivery = { ...REF, message: { type: 'budget.alert', percent: 90 } };
const hung: SentAlert = { status: null, errorCode: null, retryAfterMs: null, error: 'it did not answer within 10 s' };

describe('enforceBudget', () => {
  it('decides about the budgets of all tenants, some at a time', async () => {
    const fake = new FakeActivities();
    fake.budgeted = Array.from({ length: 30 }, (_, index) => `tenant-${index}`);
    const { result } = await run('enforce-budget', enforceBudget, {}, fake);
    expect(result).toMatchObject({ decided: 30, dryRun: false });
    expect(fake.decisions.map(({ tenants }) => tenants.length)).toEqual([25, 5]);
    expect(new Set(fake.decisions.map(({ decisionId }) => decisionId)).size).toBe(1);
  });

  it('shows in a dry run what would become of a tenant’s budgets, and tells nobody', async () => {
    const fake = new FakeActivities();
    fake.decision = (tenant) => ({ ...sampleDecision(tenant), deliveries: [delivery] });
    let details = '';
    const { result } = await run('enforce-budget-dry', enforceBudget, { tenant: 'acme', dryRun: true }, fake, async (handle) => {
      await handle.result();
      details = await currentDetails(handle);
    }); // prettier-ignore
    expect(fake.decisions).toMatchObject([{ tenants: ['acme'], dryRun: true }]);
    expect(result).toMatchObject({
      dryRun: true,
      budgets: [{ spent: '91.50', forecast: '130.00', alerts: [90], steps: [{ change: 'taken', saves: '29.62962936' }, {}] }],
    }); // prettier-ignore
    for (const part of [
      '1 budget(s): nothing was changed',
      '| acme/month | 91.50 (91.5 %) | 100.00 | 130.00 |',
      '90 % would be told',
      'drop-predictive-warmth (would be taken)',
      '| refuse | acme/month | no | 0.123456 | 29.629629 |',
      'there is no function later yet',
    ]) {
      expect(details).toContain(part);
    }
    expect(fake.calls).toEqual(['decideBudgets']);
  });

  it('has alerts delivered by workflows of their own, and does not wait for them', async () => {
    const fake = new FakeActivities();
    fake.tries.push(hung);
    fake.decision = (tenant) => ({ ...sampleDecision(tenant), deliveries: [delivery] });
    const { result } = await run('enforce-budget-alert', enforceBudget, { tenant: 'acme', budget: 'month' }, fake);
    expect(result?.decided).toBe(1);
    expect(fake.settled).toBe('');
    expect(fake.decisions).toMatchObject([{ budget: 'month' }]);
  });

  it.each([
    ['a tenant that is no name', { tenant: 'Not a name' }, 'tenant'],
    ['what it does not know', { dryRun: 'yes', colour: 'red' }, '2 problem(s)'],
  ])('refuses %s', async (_what, input, told) => {
    const { error } = await run('enforce-budget-refused', enforceBudget, input, new FakeActivities());
    expect(error?.cause).toMatchObject({ type: 'invalid_argument', message: expect.stringContaining(told) as string });
  });
});

describe('deliverAlert', () => {
  it('tries again until the webhook takes it', async () => {
    const fake = new FakeActivities();
    fake.tries.push(hung, { ...hung, status: 503, error: 'it answered 503' });
    const { result } = await run('deliver-alert', deliverAlert, delivery, fake);
    expect(result).toEqual({ delivered: true, tries: 3, error: null });
    expect(fake.settled).toBe('delivered after 3: taken');
  });

  it('gives up at once where the answer is final', async () => {
    const fake = new FakeActivities();
    fake.tries.push({ ...hung, status: 410, error: 'it answered 410' });
    const { result } = await run('deliver-alert-refused', deliverAlert, delivery, fake);
    expect(result).toEqual({ delivered: false, tries: 1, error: 'it answered 410' });
    expect(fake.settled).toBe('failed after 1: it answered 410');
  });

  it('tries again where the worker or the store failed', async () => {
    const fake = new FakeActivities();
    fake.failNext('sendAlert', 'unavailable');
    const { result } = await run('deliver-alert-failing', deliverAlert, delivery, fake);
    expect(result).toMatchObject({ delivered: true, tries: 2 });
  });
});

async function currentDetails(handle: WorkflowHandle): Promise<string> {
  return (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
}
