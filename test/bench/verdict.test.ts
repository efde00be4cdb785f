import type { Hurt } from '../../bench/chaos/hurts';
import { failureLines, judgeOutcomes } from '../../bench/chaos/verdict';
import type { MixedOutcome } from '../../bench/mixed/mixed-outcome';

const outcome = (change: Partial<MixedOutcome>): MixedOutcome => ({
  kind: 'plain',
  begun: 0,
  ended: 10,
  status: 200,
  firstByteMs: 5,
  executeMs: 0,
  failure: null,
  ...change,
});
const hurt = (change: Partial<Hurt>): Hurt => ({
  what: 'gateway',
  how: 'killed',
  at: 1_000,
  recoveryMs: 900,
  usableAt: 1_800,
  ...change,
});

const refused = { status: 0, failure: 'ECONNREFUSED' };

test('what broke while the only gateway was away is told apart, and nothing else is excused', () => {
  const during = outcome({ begun: 1_200, ended: 1_210, ...refused });
  const across = outcome({ kind: 'stream', begun: 500, ended: 1_001, failure: 'broken off' });
  const before = outcome({ begun: 900, ended: 990, ...refused });
  const after = outcome({ begun: 1_801, ended: 1_900, ...refused });
  const verdict = judgeOutcomes([during, across, before, after, outcome({})], [hurt({})]);
  expect(verdict).toEqual({ serverErrors: [], broken: [before, after], wrong: [], whileGatewayDown: [during, across] });
});

test('a stopped gateway and a killed agent excuse nothing', () => {
  const broken = outcome({ begun: 1_200, ended: 1_210, ...refused });
  const hurts = [hurt({ how: 'stopped' }), hurt({ what: 'agent' })];
  expect(judgeOutcomes([broken], hurts).broken).toEqual([broken]);
});

test('5xx are the platform’s; a wrong answer and a refusal are never excused', () => {
  const error = outcome({ status: 503, failure: '503 unavailable' });
  const wrong = outcome({ begun: 1_200, ended: 1_210, failure: 'wrong answer' });
  const denied = outcome({ begun: 1_200, ended: 1_210, status: 409, failure: '409 conflict' });
  const verdict = judgeOutcomes([error, wrong, denied], [hurt({})]);
  expect(verdict.serverErrors).toEqual([error]);
  expect(verdict.wrong).toEqual([wrong, denied]);
});

test('failures are counted by what they are', () => {
  const lines = failureLines([outcome(refused), outcome(refused), outcome({ kind: 'accept', failure: 'timeout' })]);
  expect(lines).toEqual(['- plain: ECONNREFUSED, 2 times', '- accept: timeout, 1 times']);
});
