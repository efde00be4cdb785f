import { explainStart } from '../../../core/warming/explain-start';
import { fixed } from '../../../core/warming/policies/fixed';
import { none } from '../../../core/warming/policies/none';
import type { WarmFunction } from '../../../core/warming/warming-policy';

const fn: WarmFunction = {
  id: 'f',
  memoryGb: 1,
  rungs: [
    { name: 'frozen', holding: 2, delaySeconds: 0.003, delayPrice: 1 },
    { name: 'local', holding: 0.5, delaySeconds: 0.02, delayPrice: 5 },
    { name: 'nothing', holding: 0, delaySeconds: 1, delayPrice: 500 },
  ],
  executeSeconds: 1,
  concurrency: 1,
  min: 0,
  max: 5,
};

test('how long its instance had rested, what each rung had cost meanwhile, and what policies had done', () => {
  const past = [
    { at: 0, end: 10 },
    { at: 5, end: 25 },
    { at: 100, end: 110 },
    { at: 9_999, end: 10_000 },
  ];
  expect(explainStart(fn, past, 310, [none, fixed(150), fixed(600)])).toEqual({
    busy: 0,
    restSeconds: 200,
    rungs: [
      { rung: 'frozen', delaySeconds: 0.003, price: 400 },
      { rung: 'local', delaySeconds: 0.02, price: 100 },
    ],
    policies: [
      { policy: 'none', rung: 'nothing', price: 0 },
      { policy: 'fixed:150s', rung: 'nothing', price: 300 },
      { policy: 'fixed:600s', rung: 'frozen', price: 400 },
    ],
  });
});

test('one that comes while all are in use would have needed one more: its price is of a minute', () => {
  const explained = explainStart(fn, [{ at: 0, end: 100 }], 50, [fixed(600)]);
  expect(explained).toMatchObject({ busy: 1, restSeconds: null, policies: [{ rung: 'nothing', price: 0 }] });
  expect(explained.rungs[0]).toEqual({ rung: 'frozen', delaySeconds: 0.003, price: 120 });
});

test('the very first call has nothing before it', () => {
  expect(explainStart(fn, [], 50, [none])).toMatchObject({ busy: 0, restSeconds: null });
});
