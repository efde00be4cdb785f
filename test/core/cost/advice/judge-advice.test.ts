import { judgeAdvice, type AdviceWindow } from '../../../../core/cost/advice/judge-advice';

const window = (change: Partial<AdviceWindow> = {}): AdviceWindow => ({
  ...{ calls: 1_000, cost: 1_000_000_000n, failures: 0, late: 10 },
  ...change,
});

it('keeps what costs less by the call, however many there were', () => {
  expect(judgeAdvice(window(), window({ calls: 2_000, cost: 1_500_000_000n, late: 20 }))).toMatchObject({
    decision: 'kept',
    reason: 'a call costs 7.500e-7 $, it was 0.000001000 $',
  });
  expect(judgeAdvice(window(), window({ cost: 1_010_000_000n }))).toMatchObject({ decision: 'kept' });
});

it('takes back what costs more, fails more or comes late more often', () => {
  expect(judgeAdvice(window(), window({ cost: 1_100_000_000n }))).toMatchObject({ decision: 'reverted' });
  expect(judgeAdvice(window(), window({ cost: 1n, failures: 30 }))).toEqual({
    decision: 'reverted',
    reason: '3.00 % of the calls failed, 0.00 % did before',
  });
  expect(judgeAdvice(window(), window({ cost: 1n, late: 60 }))).toMatchObject({
    reason: '6.00 % of the calls came late, 1.00 % did before',
  });
});

it('does not take chance for harm', () => {
  expect(judgeAdvice(window({ calls: 40 }), window({ calls: 40, cost: 1n, failures: 1 }))).toMatchObject({
    decision: 'kept',
  });
});

it('says nothing of few calls, unless both windows are the same calls', () => {
  expect(judgeAdvice(window({ calls: 19 }), window())).toMatchObject({ decision: 'undecided' });
  expect(judgeAdvice(window({ calls: 5, late: 0 }), window({ calls: 5, late: 0, cost: 5n }), false)).toMatchObject({
    decision: 'kept',
  });
  expect(judgeAdvice(window(), window({ cost: 2_000_000_000n }), false)).toMatchObject({ decision: 'reverted' });
});
