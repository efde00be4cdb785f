import { ago, bytes, count, money, moneyOfPico, ms, percent, time } from '../../console/src/lib/format';

test.each([
  [money('0'), '$0.00'],
  [money('250.00'), '$250.00'],
  [money('0.000000000123'), '$0.000000000123'],
  [money('0.0123456'), '$0.0123'],
  [money('-1.50'), '-$1.50'],
  [moneyOfPico('1500000000000'), '$1.50'],
  [ms(null), '–'],
  [ms(0.4231), '0.42 ms'],
  [ms(12.4), '12 ms'],
  [ms(3_400), '3.4 s'],
  [ms(125_000), '2 min 5 s'],
  [ms(3_720_000), '1 h 2 min'],
  [ms(90_000_000), '1 d 1 h'],
  [bytes(0), '0 B'],
  [bytes(1536), '1.5 KiB'],
  [bytes(157_286_400), '150 MiB'],
  [count(1234), '1,234'],
  [count(0.5), '0.5'],
  [count(123_456), '123 k'],
  [count(2_500_000), '2.5 M'],
  [percent(0.0006), '0.06 %'],
  [percent(0.125), '12.5 %'],
  [percent(1), '100 %'],
  [percent(null), '–'],
  [ago('2026-03-04T05:06:00.000Z', Date.parse('2026-03-04T05:07:05.000Z')), '1 min 5 s ago'],
])('%s is %s', (text, wanted) => expect(text).toBe(wanted));

test('a time of another day has its day', () => {
  const at = new Date(2026, 2, 4, 5, 6, 7);
  expect(time(at.toISOString(), new Date(2026, 2, 4, 9))).toBe('05:06:07');
  expect(time(at.toISOString(), new Date(2026, 2, 5, 9))).toBe('2026-03-04 05:06:07');
});
