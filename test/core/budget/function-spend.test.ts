import { functionSpend, type MeasuredFunction } from '../../../core/budget/function-spend';
import { costSettingsSchema, priceTableOf } from '../../../core/cost/cost-settings';
import { parseManifest } from '../../../core/function/manifest';
import { manifestOf } from '../../gateway/api/api-harness';

const prices = priceTableOf(
  costSettingsSchema.parse({ prices: { cpuSecond: 20 }, tiers: { edge: { cpuSecond: 40, gbSecondRunning: 33.3334 } } }),
);
const specOf = (change: object = {}) => parseManifest(manifestOf('hello', change)).spec;

function measured(change: Partial<MeasuredFunction> = {}): MeasuredFunction {
  return {
    spec: specOf(),
    hours: 2,
    amounts: new Map([
      ['request', 100n],
      ['compute', 600n],
      ['memory', 200n],
      ['warmth', 400n],
      ['storage', 50n],
    ]),
    coreSeconds: 10,
    gbSeconds: 10,
    executeMs: 4 * 2 * 3_600_000,
    held: { peak: 4, floor: 1, keepAlive: [600, 60] },
    tiersNow: ['edge'],
    tiersAllowed: ['edge', 'central'],
    ...change,
  };
}

test('what a function costs an hour, by what steps can save of it', () => {
  const spend = functionSpend(measured(), prices, 2);
  expect(spend).toMatchObject({ critical: false, calls: 450n, tiered: 400n, warmth: 200n });
  expect(spend.predicted).toBe(0.75);
  expect(spend.overlong).toBeCloseTo(540 / 660);
  expect(spend.cheaper).toBeCloseTo(0.5);
  // Four at a time on average, and two gateways with one each.
  expect(spend.crowded).toBe(0.5);
});

test('nothing is saved of what is not there', () => {
  const none = measured({ amounts: new Map(), coreSeconds: 0, gbSeconds: 0, executeMs: 0, held: null, tiersNow: [] });
  const spend = functionSpend({ ...none, spec: null }, prices, 1);
  expect(spend).toEqual({ critical: false, calls: 0n, tiered: 0n, warmth: 0n, predicted: 0, overlong: 0, cheaper: 0, crowded: 0 }); // prettier-ignore
});

test('without a decision what is declared is what rests; the cheapest tier cannot be undercut', () => {
  const spend = functionSpend(measured({ held: null, tiersNow: ['central'] }), prices, 1);
  expect(spend.predicted).toBe(0);
  expect(spend.overlong).toBeCloseTo(0.9);
  expect(spend.cheaper).toBe(0);
  expect(functionSpend(measured({ spec: specOf({ critical: true }) }), prices, 1).critical).toBe(true);
});
