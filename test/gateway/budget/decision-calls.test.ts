import { DecisionCalls } from '../../../gateway/budget/decision-calls';

const calls = (enforce: (tenant: string) => Promise<void>) => {
  const told: unknown[] = [];
  const log = { warn: (fields: object) => void told.push(fields) };
  return { decisions: new DecisionCalls(enforce, log), told };
};

test('what is undecided is asked for at once, then less and less often, until it is decided', () => {
  const started: string[] = [];
  const { decisions } = calls((tenant) => Promise.resolve(void started.push(tenant)));
  const at: number[] = [];
  for (let now = 0; now <= 10_000; now += 100) if (decisions.tell('acme', 'all: 90 %', now)) at.push(now);
  expect(at).toEqual([0, 400, 1_200, 2_800, 6_000]);
  expect(decisions.tell('acme', null, 10_100)).toBe(false);
  expect(started).toHaveLength(5);
});

test('another threshold is news, the same to and fro is not, and tenants do not hold each other up', () => {
  const { decisions } = calls(() => Promise.resolve());
  expect(decisions.tell('acme', 'all: 90 %', 0)).toBe(true);
  expect(decisions.tell('acme', null, 100)).toBe(false);
  expect(decisions.tell('acme', 'all: 90 %', 200)).toBe(false);
  expect(decisions.tell('acme', 'all: 100 %', 200)).toBe(true);
  expect(decisions.tell('other', 'all: 90 %', 200)).toBe(true);
  expect(decisions.tell('acme', null, 1_000)).toBe(false);
  expect(decisions.tell('acme', 'all: 100 %', 1_100)).toBe(true);
});

test('that it cannot be started is told, and no more', async () => {
  const { decisions, told } = calls(() => Promise.reject(new Error('Temporal is away')));
  decisions.tell('acme', 'all: 90 %', 0);
  await Promise.resolve();
  expect(told).toEqual([expect.objectContaining({ tenant: 'acme', what: 'all: 90 %' })]);
});
