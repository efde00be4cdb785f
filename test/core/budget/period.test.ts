import fc from 'fast-check';
import { hoursLeft, periodAt } from '../../../core/budget/period';

const HOUR = 3_600_000;
const shown = (period: 'daily' | 'monthly', timeZone: string, at: string): string => {
  const { start, end } = periodAt({ period, timeZone }, Date.parse(at));
  return `${new Date(start).toISOString()} ${new Date(end).toISOString()} ${(end - start) / HOUR}h`;
};

test.each([
  ['a month of UTC', 'monthly', 'UTC', '2026-02-28T23:59:59.999Z', '2026-02-01T00:00:00.000Z 2026-03-01T00:00:00.000Z 672h'],
  ['its first moment', 'monthly', 'UTC', '2026-03-01T00:00:00Z', '2026-03-01T00:00:00.000Z 2026-04-01T00:00:00.000Z 744h'],
  ['a leap day', 'daily', 'UTC', '2028-02-29T12:00:00Z', '2028-02-29T00:00:00.000Z 2028-03-01T00:00:00.000Z 24h'],
  ['February of a leap year', 'monthly', 'UTC', '2028-02-29T12:00:00Z', '2028-02-01T00:00:00.000Z 2028-03-01T00:00:00.000Z 696h'],
  ['a year’s turn', 'monthly', 'Asia/Tokyo', '2026-12-31T14:59:59Z', '2026-11-30T15:00:00.000Z 2026-12-31T15:00:00.000Z 744h'],
  ['clocks put forward', 'daily', 'Europe/Berlin', '2026-03-29T12:00:00Z', '2026-03-28T23:00:00.000Z 2026-03-29T22:00:00.000Z 23h'],
  ['clocks put back', 'daily', 'Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-24T22:00:00.000Z 2026-10-25T23:00:00.000Z 25h'],
  ['a month with clocks put back', 'monthly', 'America/New_York', '2026-11-15T00:00:00Z', '2026-11-01T04:00:00.000Z 2026-12-01T05:00:00.000Z 721h'],
  ['half an hour of daylight saving', 'daily', 'Australia/Lord_Howe', '2026-04-05T00:00:00Z', '2026-04-04T13:00:00.000Z 2026-04-05T13:30:00.000Z 24.5h'],
  ['an offset of 45 minutes', 'daily', 'Asia/Kathmandu', '2026-01-01T18:14:59Z', '2025-12-31T18:15:00.000Z 2026-01-01T18:15:00.000Z 24h'],
  ['the farthest east', 'monthly', 'Pacific/Kiritimati', '2026-01-31T10:00:00Z', '2026-01-31T10:00:00.000Z 2026-02-28T10:00:00.000Z 672h'],
  ['a midnight that is skipped', 'daily', 'America/Sao_Paulo', '2018-11-04T12:00:00Z', '2018-11-04T03:00:00.000Z 2018-11-05T02:00:00.000Z 23h'],
  ['a midnight that comes twice', 'daily', 'America/Havana', '2026-11-01T12:00:00Z', '2026-11-01T04:00:00.000Z 2026-11-02T05:00:00.000Z 25h'],
  ['a day that was skipped', 'daily', 'Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-30T10:00:00.000Z 2011-12-31T10:00:00.000Z 24h'],
] as const)('%s', (_name, period, zone, at, expected) => {
  expect(shown(period, zone, at)).toBe(expected);
}); // prettier-ignore

test('periods hold their moment, and follow on each other without gap or overlap', () => {
  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  const times = fc.integer({ min: Date.parse('1990-01-01'), max: Date.parse('2049-01-01') });
  fc.assert(
    fc.property(zones, times, fc.constantFrom('daily', 'monthly'), (timeZone, now, period) => {
      const { start, end } = periodAt({ period, timeZone }, now);
      expect(start <= now && now < end).toBe(true);
      expect(periodAt({ period, timeZone }, start)).toEqual({ start, end });
      expect(periodAt({ period, timeZone }, end - 1)).toEqual({ start, end });
      expect(periodAt({ period, timeZone }, end).start).toBe(end);
      expect(periodAt({ period, timeZone }, start - 1).end).toBe(start);
      const [least, most] = period === 'daily' ? [20, 28] : [27 * 24, 32 * 24];
      expect((end - start) / HOUR).toBeGreaterThanOrEqual(least);
      expect((end - start) / HOUR).toBeLessThanOrEqual(most);
      expect(hoursLeft({ start, end }, now)).toBeCloseTo((end - now) / HOUR);
    }),
    { numRuns: 300 },
  );
});

test('nothing is left of a period that is over', () => {
  expect(hoursLeft({ start: 0, end: 10 }, 20)).toBe(0);
});
