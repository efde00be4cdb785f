import * as fc from 'fast-check';
import { LedgerTally } from '../../../bench/savings/ledger-tally';
import { invocationCost } from '../../../core/cost/invocation-cost';
import { picoOf } from '../../../core/cost/money';
import { PRICE_PRESETS } from '../../../core/cost/price-presets';

const { prices } = PRICE_PRESETS['aws-lambda'];
const fn = { memoryBytes: 256e6, sealedBytes: 10e6, startSeconds: 1 };
const day = { from: 0, to: 86_400 };

it('sums to the picodollar what each call costs by itself', () => {
  const call = fc.record({
    delay: fc.double({ min: 0, max: 5, noNaN: true }),
    execute: fc.double({ min: 0, max: 60, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 50 }), (calls) => {
      const tally = new LedgerTally(fn, day, [prices]);
      let expected = 0n;
      for (const { delay, execute } of calls) {
        tally.call(10, false, delay, execute);
        const executeMs = 1000 * execute;
        const usage = {
          served: true,
          ...{ cpuMicros: null, bytesOut: 0, callerRegion: null, nodeRegion: null },
          memoryByteMs: Math.round(fn.memoryBytes * executeMs),
          totalMs: 1000 * delay + executeMs,
          slaMs: 100 + executeMs,
        };
        expected += BigInt(invocationCost(usage, prices).total);
      }
      const [bill] = tally.outcome().bills;
      if (!bill) throw new Error('there is no bill');
      expect(bill.request + bill.compute + bill.memory + bill.network + bill.impact).toBe(expected);
    }),
  );
});

it('charges what rests by its rung, what is kept by its time, and only what is scored', () => {
  const tally = new LedgerTally(fn, { from: 100, to: 100 + 86_400 }, [prices]);
  tally.call(99, true, 2, 1);
  tally.call(100, true, 2, 1);
  tally.call(101, false, 0.05, 1);
  tally.hold(0, 150, 7, 0, 'frozen');
  tally.hold(150, 160, 7, 2, 'running');
  tally.hold(90_000, 95_000, 7);
  const outcome = tally.outcome();
  expect(outcome).toMatchObject({ calls: 2, started: 1, late: 1, waitedSeconds: 2.05, executeMs: 2_000 });
  expect(outcome.idleGbSeconds.frozen).toBeCloseTo(0.256 * 50, 9);
  expect(outcome.idleGbSeconds.running).toBeCloseTo(0.256 * 12, 9);
  expect(outcome.bills[0]?.warmth).toBe(
    BigInt(picoOf(outcome.idleGbSeconds.running, prices.gbSecondRunning)) +
      BigInt(picoOf(outcome.idleGbSeconds.frozen, prices.gbSecondFrozen)),
  );
  expect(outcome.bills[0]?.storage).toBe(BigInt(picoOf(0.01 / 30, prices.checkpointGbMonth)));
});
