import fc from 'fast-check';
import {
  decideFunction,
  refusedStatements,
  servingRevision,
  type FunctionWish,
  type ObservedDeployment,
  type ObservedFunction,
} from '../../../core/kubernetes/function-decision';

const NOW = 1_000_000_000;
const wish: FunctionWish = { labels: {}, paused: false, wasDeployed: false };
const nothing: ObservedFunction = { labels: null, revision: null, live: [], deployments: [] };
const serving: ObservedFunction = {
  labels: {},
  revision: { number: 3, state: 'ready' },
  live: [{ revision: 3, weight: 100 }],
  deployments: [{ state: 'succeeded', step: 'done', error: null, endedAt: NOW - 1 }],
};
const failure = (endedAt: number, error = 'it threw'): ObservedDeployment => ({
  state: 'failed',
  step: 'failed',
  error,
  endedAt,
});

const reasonOf = (decision: ReturnType<typeof decideFunction>, type = 'Ready') =>
  decision.statements.find((statement) => statement.type === type);

test('what is not there is deployed', () => {
  const decision = decideFunction(wish, nothing, NOW);
  expect(decision).toMatchObject({ deploy: true, drifted: false, serves: null });
  expect(reasonOf(decision)).toMatchObject({ status: 'False', reason: 'Deploying' });
  expect(reasonOf(decision, 'Accepted')).toMatchObject({ status: 'True' });
});

test('what serves is left alone', () => {
  const decision = decideFunction(wish, serving, NOW);
  expect(decision).toMatchObject({ deploy: false, drifted: false, serves: 3, lookAgainMs: null });
  expect(reasonOf(decision)).toMatchObject({ status: 'True', reason: 'Deployed', message: 'revision 3 serves live' });
});

test('labels alone are put right, and it stays ready', () => {
  const decision = decideFunction({ ...wish, labels: { team: 'x' } }, serving, NOW);
  expect(decision.deploy).toBe(true);
  expect(reasonOf(decision)).toMatchObject({ status: 'True' });
});

test('a deployment under way is waited for, also while live is shared with what serves until then', () => {
  const running: ObservedFunction = {
    ...serving,
    live: [
      { revision: 2, weight: 90 },
      { revision: 3, weight: 10 },
    ],
    deployments: [{ state: 'running', step: 'canary', error: null, endedAt: null }],
  };
  const decision = decideFunction(wish, running, NOW);
  expect(decision).toMatchObject({ deploy: false, serves: 2, lookAgainMs: expect.any(Number) });
  expect(reasonOf(decision)).toMatchObject({ status: 'False', reason: 'Deploying' });
});

test('one that failed is tried again after 10 s, then twice as long each time, ten minutes at most', () => {
  const failed = (times: number, ago: number): ObservedFunction => ({
    labels: {},
    revision: { number: 1, state: 'failed' },
    live: [],
    deployments: Array.from({ length: times }, () => failure(NOW - ago)),
  });
  const waits = [1, 2, 3, 4].map((times) => decideFunction(wish, failed(times, 0), NOW).lookAgainMs);
  expect(waits).toEqual([10_000, 20_000, 40_000, 80_000]);
  expect(decideFunction(wish, failed(10, 0), NOW).lookAgainMs).toBe(600_000);
  expect(decideFunction(wish, failed(1, 9_999), NOW)).toMatchObject({ deploy: false, lookAgainMs: 1 });
  expect(decideFunction(wish, failed(1, 10_000), NOW)).toMatchObject({ deploy: true });
});

test('a status says the same while a failed deployment waits, is tried again and fails again', () => {
  const observed: ObservedFunction = { ...nothing, labels: {}, revision: { number: 1, state: 'failed' } };
  const deployments: ObservedDeployment[][] = [
    [failure(NOW)],
    [failure(NOW - 60_000)],
    [{ state: 'running', step: 'start', error: null, endedAt: null }, failure(NOW - 60_000)],
    [failure(NOW), failure(NOW - 60_000)],
  ];
  const said = deployments.map((some) => decideFunction(wish, { ...observed, deployments: some }, NOW).statements);
  expect(reasonOf({ ...decideFunction(wish, nothing, NOW), statements: said[0] ?? [] })).toMatchObject({
    reason: 'DeployFailed',
    message: 'revision 1 failed: it threw; it is tried again',
  });
  for (const statements of said) expect(statements).toEqual(said[0]);
});

test('a revision that is ready, and whose deployment failed in the end, is not deployed again without a pause', () => {
  const observed: ObservedFunction = { ...serving, live: [{ revision: 2, weight: 100 }], deployments: [failure(NOW)] };
  expect(decideFunction(wish, observed, NOW)).toMatchObject({ deploy: false, lookAgainMs: 10_000 });
});

describe('what was as the object says, and was changed by somebody,', () => {
  const deployed = { ...wish, wasDeployed: true };
  const moved: ObservedFunction = { ...serving, live: [{ revision: 2, weight: 100 }] };

  test.each([
    ['somebody has pointed live at revision 2 (100 %), not at revision 3', moved],
    ['somebody has taken live away', { ...serving, live: [] }],
    ['somebody has deleted the function', nothing],
  ])('is put back: %s', (message, observed) => {
    const decision = decideFunction(deployed, observed, NOW);
    expect(decision).toMatchObject({ deploy: true, drifted: true });
    expect(reasonOf(decision)).toMatchObject({
      status: 'False',
      reason: 'Drifted',
      message: `${message}; it is put back`,
    });
  });

  test('is told at once and put back when the deployment, which was only tidying up, has ended', () => {
    const tidying: ObservedDeployment = { state: 'running', step: 'retire', error: null, endedAt: null };
    const decision = decideFunction(deployed, { ...moved, deployments: [tidying] }, NOW);
    expect(decision).toMatchObject({ deploy: false, drifted: true, lookAgainMs: expect.any(Number) });
    expect(reasonOf(decision)).toMatchObject({ reason: 'Drifted' });
  });

  test('is only told of where the object is paused', () => {
    const decision = decideFunction({ ...deployed, paused: true }, moved, NOW);
    expect(decision).toMatchObject({ deploy: false, drifted: true });
    expect(reasonOf(decision)).toMatchObject({ status: 'False', reason: 'Drifted' });
  });
});

test('a paused object has nothing deployed, not even labels or a next try', () => {
  const paused = { ...wish, paused: true, labels: { a: 'b' } };
  const failed: ObservedFunction = {
    ...nothing,
    labels: {},
    revision: { number: 1, state: 'failed' },
    deployments: [failure(0)],
  };
  for (const observed of [nothing, serving, failed]) expect(decideFunction(paused, observed, NOW).deploy).toBe(false);
  expect(reasonOf(decideFunction(paused, nothing, NOW))).toMatchObject({ reason: 'Paused' });
});

test('all problems of an object are told in one condition each', () => {
  const statements = refusedStatements('Invalid', [
    { path: 'spec.handler', message: 'is missing' },
    { path: 'spec.scale.min', message: 'is above max', hint: 'lower it' },
  ]);
  expect(statements.map(({ type, status, reason }) => [type, status, reason])).toEqual([
    ['Accepted', 'False', 'Invalid'],
    ['Deployed', 'False', 'NotAccepted'],
    ['Ready', 'False', 'Invalid'],
  ]);
  expect(statements[0]?.message).toBe(
    '2 problem(s): spec.handler: is missing; spec.scale.min: is above max (lower it)',
  );
});

test('most of live is what serves', () => {
  expect(servingRevision([])).toBeNull();
  expect(
    servingRevision([
      { revision: 1, weight: 40 },
      { revision: 2, weight: 60 },
    ]),
  ).toBe(2);
});

const observedFunctions: fc.Arbitrary<ObservedFunction> = fc.record({
  labels: fc.option(fc.constant({})),
  revision: fc.option(
    fc.record({
      number: fc.integer({ min: 1, max: 3 }),
      state: fc.constantFrom('pending', 'ready', 'failed', 'retired'),
    }),
  ),
  live: fc.constantFrom([], [{ revision: 1, weight: 100 }], [{ revision: 1, weight: 50 }, { revision: 2, weight: 50 }]), // prettier-ignore
  deployments: fc.array(
    fc.record({
      state: fc.constantFrom('running', 'succeeded', 'failed'),
      step: fc.constantFrom('start', 'failed', 'done'),
      error: fc.option(fc.constant('it threw')),
      endedAt: fc.option(fc.integer({ min: NOW - 1_000_000, max: NOW })),
    }),
    { maxLength: 5 },
  ),
});

test('whatever is there: ready means that nothing is left to deploy but labels, and what waits is looked at again', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.boolean(), observedFunctions, (paused, wasDeployed, observed) => {
      const decision = decideFunction({ labels: {}, paused, wasDeployed }, observed, NOW);
      const [accepted, deployed, ready] = decision.statements;
      expect([accepted?.type, deployed?.type, ready?.type]).toEqual(['Accepted', 'Deployed', 'Ready']);
      expect(deployed?.status).toBe(ready?.status);
      if (paused) expect(decision.deploy).toBe(false);
      if (ready?.status === 'True') {
        expect(observed.live).toEqual([{ revision: observed.revision?.number, weight: 100 }]);
        expect(decision.deploy && observed.labels !== null).toBe(false);
      } else if (!paused) expect(decision.deploy || decision.lookAgainMs !== null).toBe(true);
      if (observed.deployments[0]?.state === 'running') expect(decision.deploy && ready?.status !== 'True').toBe(false);
    }),
  );
});
