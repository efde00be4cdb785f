import {
  enforcedStatements,
  nameTakenStatements,
  readBudget,
  type BudgetStanding,
} from '../../../core/kubernetes/budget-decision';
import type { DeclaredObject } from '../../../core/kubernetes/declared-object';

function object(spec: unknown): DeclaredObject {
  const metadata = { name: 'month', namespace: 'acme', uid: 'u', generation: 1, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }; // prettier-ignore
  return { apiVersion: 'presage.dev/v1alpha1', kind: 'Budget', metadata, spec };
}

test('a budget is read with its defaults', () => {
  expect(readBudget(object({ limit: '250.00', timeZone: 'Europe/Berlin' }))).toMatchObject({
    spec: {
      limit: '250.00',
      currency: 'USD',
      period: 'monthly',
      timeZone: 'Europe/Berlin',
      alertAt: [50, 75, 90, 100],
    },
  });
});

test('what is wrong with one is told at once; what it declared before stays', () => {
  const read = readBudget(object({ limit: '0', timeZone: 'Mars', period: 'hourly' }));
  if (read.spec !== null) throw new Error('it is valid');
  const [accepted, enforced] = read.refused(false);
  expect([accepted?.status, enforced?.status, enforced?.reason]).toEqual(['False', 'False', 'Invalid']);
  for (const path of ['spec.limit', 'spec.timeZone', 'spec.period']) expect(accepted?.message).toContain(path);
  expect(read.refused(true)[1]).toMatchObject({ type: 'Enforced', status: 'True', reason: 'EarlierSpec' });
});

const standing = (change: Partial<BudgetStanding> = {}) =>
  enforcedStatements({ steps: [], unknownFunctions: [], webhook: null, unpriced: [], ...change });

test('one that counts says so, what is in force, and which functions are missing', () => {
  expect(standing()).toMatchObject([
    { type: 'Accepted', status: 'True' },
    { type: 'Enforced', status: 'True', reason: 'Counts' },
    { type: 'Exhausted', status: 'False', reason: 'WithinLimit' },
  ]);
  expect(standing({ steps: ['queue'], unknownFunctions: ['pay'] })).toMatchObject([
    {},
    { message: expect.stringContaining('no function pay yet') as string },
    { status: 'False', reason: 'Degraded', message: 'in force: queue' },
  ]);
  expect(standing({ steps: ['queue', 'refuse'] })[2]).toMatchObject({ status: 'True', reason: 'LimitReached' });
  expect(nameTakenStatements('taken')[1]).toMatchObject({ status: 'False', reason: 'NameTaken', message: 'taken' });
});

test('missing prices and a missing secret are told of', () => {
  const unpriced = standing({ unpriced: ['edge', 'regional'], unknownFunctions: ['pay'] })[1];
  expect(unpriced).toMatchObject({ type: 'Enforced', status: 'False', reason: 'PricesMissing' });
  expect(unpriced?.message).toMatch(/no prices for edge, regional.*cost\.preset.*no function pay yet/);
  expect(standing({ webhook: { secret: 'hook', found: false } })[3]).toMatchObject({
    ...{ type: 'WebhookReady', status: 'False', reason: 'SecretMissing' },
    message: expect.stringContaining('presage secret set hook') as string,
  });
  expect(standing({ webhook: { secret: 'hook', found: true } })[3]).toMatchObject({ status: 'True' });
});
