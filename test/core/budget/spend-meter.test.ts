import fc from 'fast-check';
import { SpendMeter, type KnownSpend } from '../../../core/budget/spend-meter';

const known = (part: Partial<KnownSpend> = {}): KnownSpend => ({
  spent: 0n,
  spentByCritical: 0n,
  own: 0n,
  ownByCritical: 0n,
  others: 0n,
  ...part,
});
const meterOf = (limit: bigint, keptForCritical = 0n, refuses = true): SpendMeter =>
  new SpendMeter({ limit, ceiling: limit - keptForCritical, refuses });

test('there is money until records, calls under way and what others spend come to the limit', () => {
  const meter = meterOf(100n);
  expect(meter.refuses(false)).toBe(false);
  meter.know(known({ spent: 40n, own: 20n, others: 10n }));
  meter.hold(false, 20);
  expect(meter.refuses(false)).toBe(false);
  meter.spend(false, 10);
  expect(meter.refuses(false)).toBe(true);
  meter.letGo(false, 20);
  expect(meter.refuses(false)).toBe(false);
  expect(meter.spent).toBe(80n);
  meter.spend(false, 20);
  expect(meter.refuses(false)).toBe(true);
});

test('what is kept for critical functions is theirs until they have spent it', () => {
  const meter = meterOf(100n, 20n);
  meter.know(known({ spent: 80n }));
  expect(meter.refuses(false)).toBe(true);
  expect(meter.refuses(true)).toBe(false);
  // The others stay where they were.
  meter.spend(true, 15);
  expect(meter.refuses(false)).toBe(true);
  expect(meter.refuses(true)).toBe(false);
  meter.spend(true, 5);
  expect(meter.refuses(true)).toBe(true);
});

test('what others have spent beyond their part, or are only thought to have, is not taken from what is kept', () => {
  const meter = meterOf(100n, 20n);
  meter.know(known({ spent: 80n, spentByCritical: 5n, others: 25n }));
  expect(meter.refuses(false)).toBe(true);
  expect(meter.refuses(true)).toBe(false);
  meter.spend(true, 10);
  meter.hold(true, 5);
  expect(meter.refuses(true)).toBe(true);
});

test('what critical functions have spent before uses up nothing of what is kept for them to the end', () => {
  const meter = meterOf(100n, 20n);
  meter.know(known({ spent: 70n, spentByCritical: 30n }));
  meter.spend(false, 10);
  expect(meter.refuses(false)).toBe(true);
  meter.spend(true, 19);
  expect(meter.refuses(true)).toBe(false);
  meter.spend(true, 1);
  expect(meter.refuses(true)).toBe(true);
});

test('a large budget has room at both marks, far beyond what numbers are exact for', () => {
  const dollar = 10n ** 12n;
  const meter = meterOf(20_000n * dollar, 12_000n * dollar);
  expect(meter.refuses(false)).toBe(false);
  meter.know(known({ spent: 8_000n * dollar }));
  expect([meter.refuses(false), meter.refuses(true)]).toEqual([true, false]);
});

test('a ladder that ends before refuse refuses nothing, and a raised limit leaves room at once', () => {
  const meter = meterOf(100n, 0n, false);
  meter.know(known({ spent: 1_000n }));
  expect(meter.refuses(false)).toBe(false);
  meter.rule({ limit: 100n, ceiling: 100n, refuses: true });
  expect(meter.refuses(false)).toBe(true);
  meter.rule({ limit: 1_001n, ceiling: 1_001n, refuses: true });
  expect(meter.refuses(false)).toBe(false);
});

test('counting in numbers between looks comes to the same as exact sums', () => {
  const amount = fc.integer({ min: 0, max: 1_000_000_000 });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('spend' as const), critical: fc.boolean(), amount }),
    fc.record({ kind: fc.constant('hold' as const), critical: fc.boolean(), amount }),
    fc.record({ kind: fc.constant('know' as const), critical: fc.constant(false), amount }),
    fc.record({ kind: fc.constant('rule' as const), critical: fc.constant(false), amount }),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.array(step, { maxLength: 60 }), (base, steps) => {
      let limit = base + 5_000_000_000n;
      const kept = 1_000_000_000n;
      const meter = meterOf(limit, kept);
      const sum = { all: base, critical: 0n, held: 0n, heldCritical: 0n };
      const tell = (): void => meter.know(known({ spent: sum.all, spentByCritical: sum.critical }));
      tell();
      for (const { kind, critical, amount: picos } of steps) {
        const amount = BigInt(picos);
        if (kind === 'know') tell();
        else if (kind === 'rule') {
          limit += amount;
          meter.rule({ limit, ceiling: limit - kept, refuses: true });
        } else if (kind === 'spend') {
          meter.spend(critical, picos);
          sum.all += amount;
          if (critical) sum.critical += amount;
        } else {
          meter.hold(critical, picos);
          sum.held += amount;
          if (critical) sum.heldCritical += amount;
        }
        const left = kept - sum.critical - sum.heldCritical;
        const used = sum.all + sum.held;
        expect(meter.spent).toBe(sum.all);
        expect(meter.refuses(true)).toBe(used >= limit && left <= 0n);
        expect(meter.refuses(false)).toBe(used >= limit - kept);
      }
    }),
  );
});
