import fc from 'fast-check';
import { csvHead, csvLine, type CsvLine } from '../../../core/cost/ledger-csv';
import { endOfStep } from '../../../core/cost/ledger-step';
import { dollarsText } from '../../../core/cost/money';

const LINE: CsvLine = {
  tenant: 'acme',
  from: new Date('2026-12-31T23:00:00Z'),
  to: new Date('2027-01-01T00:00:00Z'),
  functionId: 'f-1',
  function: 'pay',
  component: 'memory',
  quantity: 0.00256,
  amount: 42_667n,
};

test('dollars are written to the last digit', () => {
  expect([0n, 1n, 42_667n, 10n ** 12n, 12_345_678_901_234_567_890n].map(dollarsText)).toEqual([
    '0.000000000000',
    '0.000000000001',
    '0.000000042667',
    '1.000000000000',
    '12345678.901234567890',
  ]);
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (amount) => {
      expect(BigInt(dollarsText(amount).replace('.', ''))).toBe(amount);
    }),
  );
});

test('a line of our own columns', () => {
  expect(csvHead('csv')).toBe('time,tenant,function,functionId,component,quantity,unit,dollars\r\n');
  expect(csvLine('csv', LINE)).toBe('2026-12-31T23:00:00Z,acme,pay,f-1,memory,0.00256,GB-second,0.000000042667\r\n');
});

test('a line of FOCUS has all of its columns, and its month', () => {
  const names = csvHead('focus').trim().split(',');
  const cells = csvLine('focus', LINE).trim().split(',');
  expect(cells).toHaveLength(names.length);
  expect([...names].sort()).toEqual(names);
  const of = Object.fromEntries(names.map((name, index) => [name, cells[index]]));
  expect(of).toMatchObject({
    BilledCost: '0.000000042667',
    EffectiveCost: '0.000000042667',
    BillingAccountId: 'acme',
    BillingCurrency: 'USD',
    BillingPeriodStart: '2026-12-01T00:00:00Z',
    BillingPeriodEnd: '2027-01-01T00:00:00Z',
    ChargePeriodStart: '2026-12-31T23:00:00Z',
    ChargePeriodEnd: '2027-01-01T00:00:00Z',
    ChargeCategory: 'Usage',
    ConsumedUnit: 'GB-second',
    ResourceName: 'pay',
    ServiceCategory: 'Compute',
  });
  const impact = csvLine('focus', { ...LINE, component: 'impact' }).split(',');
  expect(impact[names.indexOf('ChargeCategory')]).toBe('Adjustment');
});

test('what would break a line is quoted', () => {
  expect(csvLine('csv', { ...LINE, function: 'a "b", c' })).toContain(',"a ""b"", c",');
});

test('steps end where the next one begins', () => {
  const at = new Date('2026-12-01T00:00:00Z');
  expect(endOfStep(at, 'minute').toISOString()).toBe('2026-12-01T00:01:00.000Z');
  expect(endOfStep(at, 'hour').toISOString()).toBe('2026-12-01T01:00:00.000Z');
  expect(endOfStep(at, 'day').toISOString()).toBe('2026-12-02T00:00:00.000Z');
  expect(endOfStep(at, 'month').toISOString()).toBe('2027-01-01T00:00:00.000Z');
});
