import fc from 'fast-check';
import { dollarText, picoOfDollars, roughDollars } from '../../../core/cost/money-text';

test('dollars are read and written without loss', () => {
  expect(picoOfDollars('250')).toBe(250_000_000_000_000n);
  expect(picoOfDollars('99.50')).toBe(99_500_000_000_000n);
  expect(picoOfDollars('0.000000000001')).toBe(1n);
  expect(dollarText(0n)).toBe('0.00');
  expect(dollarText(99_500_000_000_000n)).toBe('99.50');
  expect(dollarText(-1n)).toBe('-0.000000000001');
  fc.assert(fc.property(fc.bigInt(0n, 10n ** 37n), (pico) => expect(picoOfDollars(dollarText(pico))).toBe(pico)));
});

test.each(['', '-1', '1e3', '1,5', '.5', '1.', '0.0000000000001', ' 1'])('"%s" is no amount', (text) => {
  expect(() => picoOfDollars(text)).toThrow(RangeError);
});

test('people are shown as many digits as tell something', () => {
  expect(roughDollars(0n)).toBe('0.00');
  expect(roughDollars(12_345_678_900_000n)).toBe('12.35');
  expect(roughDollars(123_456_789n)).toBe('0.000123');
  expect(roughDollars(500_000_000_000n)).toBe('0.500');
  expect(roughDollars(-2_000_000_000_000n)).toBe('-2.00');
});
