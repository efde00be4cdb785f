import fc from 'fast-check';
import { parseCron } from '../../../core/function/cron';
import { nextTick } from '../../../core/function/next-tick';

const next = (cron: string, after: string, zone = 'UTC'): string | null => {
  const tick = nextTick(parseCron(cron), zone, Date.parse(after));
  return tick === null ? null : new Date(tick).toISOString().slice(0, 16);
};

test.each([
  ['* * * * *', '2026-11-23T09:00:00Z', '2026-11-23T09:01'],
  ['*/15 * * * *', '2026-11-23T09:00:30Z', '2026-11-23T09:15'],
  ['0 8 * * 1-5', '2026-11-20T08:00:00Z', '2026-11-23T08:00'],
  ['30 4 1 * *', '2026-11-23T00:00:00Z', '2026-12-01T04:30'],
  ['0 0 1 jan *', '2026-11-23T00:00:00Z', '2027-01-01T00:00'],
  ['0 0 29 2 *', '2096-03-01T00:00:00Z', '2104-02-29T00:00'],
  // Both day fields given: either may match.
  ['0 0 13 * 5', '2026-11-23T00:00:00Z', '2026-11-27T00:00'],
])('%s after %s is %s', (cron, after, expected) => {
  expect(next(cron, after)).toBe(expected);
});

test('goes by the clock of its zone', () => {
  expect(next('0 8 * * *', '2026-07-01T00:00:00Z', 'Europe/Berlin')).toBe('2026-07-01T06:00');
  expect(next('0 8 * * *', '2026-12-01T00:00:00Z', 'Europe/Berlin')).toBe('2026-12-01T07:00');
  expect(next('0 8 * * *', '2026-07-01T00:00:00Z', 'Asia/Kolkata')).toBe('2026-07-01T02:30');
});

test('a fixed hour that is jumped over comes at the change of the clock', () => {
  // Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
  expect(next('30 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T01:00');
  expect(next('30 2 * * *', '2026-03-29T01:00:00Z', 'Europe/Berlin')).toBe('2026-03-30T00:30');
});

test('a fixed hour that comes twice counts once; every hour goes on through both', () => {
  // Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
  expect(next('30 2 * * *', '2026-10-24T12:00:00Z', 'Europe/Berlin')).toBe('2026-10-25T00:30');
  expect(next('30 2 * * *', '2026-10-25T00:30:00Z', 'Europe/Berlin')).toBe('2026-10-26T01:30');
  expect(next('30 * * * *', '2026-10-25T00:30:00Z', 'Europe/Berlin')).toBe('2026-10-25T01:30');
});

test('the tick is after the moment asked for, on a full minute, and no earlier one matches', () => {
  const minute = fc.integer({ min: 0, max: 59 });
  const hour = fc.integer({ min: 0, max: 23 });
  const after = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) });
  fc.assert(
    fc.property(minute, hour, after, (m, h, from) => {
      const tick = nextTick(parseCron(`${m} ${h} * * *`), 'UTC', from) ?? NaN;
      expect(tick).toBeGreaterThan(from);
      expect(tick - from).toBeLessThanOrEqual(86_400_000);
      const at = new Date(tick);
      expect([at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds(), at.getUTCMilliseconds()]).toEqual([h, m, 0, 0]);
    }),
  );
});
