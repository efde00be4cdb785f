import { instancesInWindows } from '../../../core/warming/warm-windows';

const at = (text: string): number => Date.parse(text);
const work = { cron: '0 8 * * 1-5', duration: '9h', instances: 3, timeZone: 'Europe/Berlin' };
const noon = { cron: '0 12 * * *', duration: '30m', instances: 5, timeZone: 'UTC' };

test.each([
  // In winter Berlin is an hour ahead of UTC.
  ['2026-11-24T06:58:00Z', 0],
  ['2026-11-24T06:59:00Z', 3],
  ['2026-11-24T07:00:00Z', 3],
  ['2026-11-24T12:10:00Z', 5],
  ['2026-11-24T12:31:00Z', 3],
  ['2026-11-24T16:00:00Z', 0],
  ['2026-11-28T09:00:00Z', 0],
  // In summer two.
  ['2026-07-07T06:00:00Z', 3],
])('at %s there are to be %d', (time, instances) => {
  expect(instancesInWindows([work, noon], at(time), 60_000)).toBe(instances);
});

test('a window that opens each minute is always open', () => {
  const always = { cron: '* * * * *', duration: '5m', instances: 2, timeZone: 'UTC' };
  expect(instancesInWindows([always], at('2026-11-24T06:58:30Z'), 0)).toBe(2);
});

test('a day that comes once in years is looked for no longer than the window is', () => {
  const leap = { cron: '0 0 29 2 *', duration: '2h', instances: 2, timeZone: 'UTC' };
  const begun = performance.now();
  expect(instancesInWindows([leap], at('2026-11-24T06:58:30Z'), 60_000)).toBe(0);
  expect(performance.now() - begun).toBeLessThan(50);
  expect(instancesInWindows([leap], at('2028-02-29T01:59:00Z'), 60_000)).toBe(2);
});
