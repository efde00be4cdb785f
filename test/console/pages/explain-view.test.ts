import type { InvocationCostView, InvocationView, StartExplanationView } from '../../../console/src/lib/answers';
import { phaseRows, priceRows, restText } from '../../../console/src/pages/invocations/explain-view';
import { invocationId } from '../../../console/src/pages/invocations/find-id';

test('phases sum to the total, each with its share', () => {
  const phases = { admit: 0.5, wait: 12, agentQueue: 0.25, sandbox: 9, ready: 2, firstByte: 2, body: 1 };
  const { rows, sumMs } = phaseRows({ kind: 'restore', totalMs: 16, phases } as unknown as InvocationView);
  expect(sumMs).toBeCloseTo(16);
  expect(rows.find(({ what }) => what === 'restore the sandbox')).toMatchObject({ ms: 9, share: 9 / 16 });
  expect(phaseRows({ kind: null, totalMs: 0, phases: {} } as unknown as InvocationView)).toEqual({
    rows: [],
    sumMs: 0,
  });
});

test('prices fall, and their sum is held against the whole', () => {
  const part = (component: string, picoDollars: number) => ({
    component,
    quantity: 0.12345,
    unit: 'GB',
    price: 1,
    amount: 1,
    picoDollars,
  });
  const cost = {
    picoDollars: 30,
    parts: [part('request', 10), part('memory', 20), part('impact', 0)],
  } as unknown as InvocationCostView;
  expect(priceRows(cost)).toEqual({
    exact: true,
    rows: [
      { component: 'memory', quantity: '0.123 GB', picoDollars: '20' },
      { component: 'request', quantity: '0.123 GB', picoDollars: '10' },
    ],
  });
  expect(priceRows({ ...cost, picoDollars: 31 }).exact).toBe(false);
});

test('what an instance would have had to outlast is a sentence', () => {
  const start = { waitedMs: 120, busy: 1, restedSeconds: null, rungs: [{}] } as unknown as StartExplanationView;
  expect(restText({ ...start, restedSeconds: 600 })).toContain('had rested for 10 min');
  expect(restText(start)).toContain('(1 was in use)');
  expect(restText({ ...start, busy: 0 })).toContain('none had ever been used');
  expect(restText({ ...start, rungs: [] })).toBe('');
});

test('an id is found in what was pasted', () => {
  const id = '0193c8b2-7f5e-7c40-8000-000000000003';
  expect(invocationId(` ${id} `)).toEqual({ id });
  expect(invocationId(`x-request-id: ${id}`)).toEqual({ id });
  expect(invocationId(`http://localhost:8080/console/invocations/${id}`)).toEqual({ id });
  expect(invocationId('')).toMatchObject({ problem: expect.stringContaining('x-request-id') });
  expect(invocationId('?!')).toMatchObject({ problem: expect.stringContaining('write e.g.') });
});
