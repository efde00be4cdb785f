import { expiryOf, numberOf, rateOf, secondsOf } from '../../../console/src/pages/access/key-form';
import { readLimits, typedLimits } from '../../../console/src/pages/access/limits-form';

test('a key expires after a duration, or never', () => {
  const now = Date.parse('2026-03-04T05:00:00.000Z');
  expect(expiryOf('90d', now)).toEqual({ value: '2026-06-02T05:00:00.000Z' });
  expect(expiryOf(' ', now)).toEqual({ value: null });
  expect(expiryOf('soon', now)).toEqual({ problem: 'must be a duration; write e.g. 90d, 12h or 30m' });
  expect(expiryOf('0s', now)).toMatchObject({ problem: expect.stringContaining('longer than nothing') });
  expect(secondsOf('1h30m')).toEqual({ value: 5_400 });
  expect(secondsOf('')).toEqual({ value: undefined });
  expect(secondsOf('7 days')).toHaveProperty('problem');
});

test('rates and numbers are read as the command line reads them', () => {
  expect(rateOf('100')).toEqual({ value: { requests: 100, window: '1s' } });
  expect(rateOf('5000 / 1h')).toEqual({ value: { requests: 5000, window: '1h' } });
  expect(rateOf('')).toEqual({ value: undefined });
  expect(rateOf('many')).toMatchObject({ problem: expect.stringContaining('write e.g. 100/1s') });
  expect(numberOf('2.5')).toEqual({ value: 2.5 });
  expect(numberOf('two')).toMatchObject({ problem: expect.stringContaining('write e.g. 200') });
});

test('limits go and come back as they are; what is empty is left out', () => {
  const limits = { rate: { requests: 1000, window: '1s' }, maxInFlight: 200, weight: 2 };
  const typed = typedLimits(limits);
  expect(typed).toEqual({ rate: '1000/1s', keyRate: '', maxInFlight: '200', reserved: '', weight: '2' });
  expect(readLimits(typed)).toEqual({ limits, problems: {} });
  expect(readLimits({ ...typed, keyRate: 'x', reserved: 'y' })).toEqual({
    limits,
    problems: { keyRate: expect.any(String), reserved: expect.any(String) },
  });
});
