import { billSum, savedPercent } from '../../../bench/savings/bill-sum';
import { carriedOut, fittedAdvice } from '../../../bench/savings/fitted-advice';
import { foundingRows } from '../../../bench/savings/founding-rows';
import { playLedger, type Setting } from '../../../bench/savings/play-ledger';
import { savingsFunction } from '../../../bench/savings/savings-function';
import { settingTable } from '../../../bench/savings/savings-report';
import { slotFunctions } from '../../../bench/policy/slots/slot-functions';
import { PRICE_PRESETS } from '../../../core/cost/price-presets';

const MIB = 2 ** 20;
const DAY = 86_400;
const { prices } = PRICE_PRESETS['aws-lambda'];

/** Called every five minutes for ten days. */
const source = {
  ...{ id: 'f', pattern: 'timer', p50Ms: 100, p99Ms: 200, memoryMb: 60, memoryP99Mb: 65, memoryPeakMb: 70 },
  counts: Float64Array.from({ length: 10 * 1_440 }, (_, minute) => (minute % 5 === 0 ? 1 : 0)),
};
const functions = slotFunctions([source], 1).map((slots) => savingsFunction(slots, source));
const stretches = [{ from: 3 * DAY, to: 9 * DAY }, { from: 9 * DAY, to: 10 * DAY }]; // prettier-ignore
const defaults: Setting = { policy: 'fixed:10m', memoryBytes: [256 * MIB], checkpoints: [true] };
const play = (setting: Setting) => playLedger(functions, setting, stretches, [prices]);

it('gives by default what is enough', () => {
  expect(functions[0]).toMatchObject({ givenBytes: 256 * MIB, peakBytes: 70 * MIB });
  const large = savingsFunction(functions[0]!.slots, { ...source, memoryPeakMb: 600 });
  expect(large.givenBytes).toBe(1_024 * MIB);
});

it('what was advised on the past is cheaper on the days after, and lets no more calls come late', () => {
  const before = play(defaults);
  const others = ['presage', 'none'].map((policy) => ({ policy, outcomes: play({ ...defaults, policy })[0] ?? [] }));
  const advice = fittedAdvice({ functions, setting: defaults, outcomes: before[0] ?? [], others, seconds: 6 * DAY, prices }); // prettier-ignore
  expect(advice.map(({ strategy }) => strategy)).toContain('right-size-memory');
  const setting = carriedOut(defaults, advice);
  expect(setting.memoryBytes).toEqual([96 * MIB]);
  expect(carriedOut(defaults, advice, 'keep-alive').memoryBytes).toEqual(defaults.memoryBytes);
  const [was, is] = [billSum(before[1] ?? [], 0), billSum(play(setting)[1] ?? [], 0)];
  expect(savedPercent(was.spent, is.spent)).toBeGreaterThan(20);
  expect(is.late).toBeLessThanOrEqual(was.late);
  expect(settingTable([{ name: 'defaults', sum: was }, { name: 'together', sum: is }])).toHaveLength(4); // prettier-ignore
});

it('a bill is the sum of its parts, and a saving is told in percent', () => {
  const sum = billSum(play(defaults)[1] ?? [], 0);
  expect(Object.values(sum.bill).reduce((all, part) => all + part, 0n)).toBe(sum.total);
  expect(sum.spent).toBe(sum.total - sum.bill.impact);
  expect([savedPercent(200n, 50n), savedPercent(0n, 5n), savedPercent(100n, 150n)]).toEqual([75, 0, -50]);
});

it('reckons the founding document’s three rows', () => {
  const { figures, section } = foundingRows(functions, { from: 9 * DAY, to: 10 * DAY }, { tables: [prices], names: ['aws-lambda'] }); // prettier-ignore
  expect(figures.map(({ name }) => name)).toEqual(
    ['baseline', 'fixed', 'predictive'].map((row) => `savings.founding.aws-lambda.${row}`),
  );
  expect(section.join('\n')).toContain('baseline = 100');
});
