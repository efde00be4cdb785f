import { parseCron } from '../../../core/function/cron';

const list = (set: ReadonlySet<number>): number[] => [...set].sort((a, b) => a - b);

test('lists, ranges, steps and names become values', () => {
  const cron = parseCron('*/15 8-10,20 1 jan,DEC mon-fri');
  expect(list(cron.minutes)).toEqual([0, 15, 30, 45]);
  expect(list(cron.hours)).toEqual([8, 9, 10, 20]);
  expect(list(cron.days)).toEqual([1]);
  expect(list(cron.months)).toEqual([1, 12]);
  expect(list(cron.weekdays)).toEqual([1, 2, 3, 4, 5]);
  expect(cron.eitherDay).toBe(true);
  expect(list(parseCron('5/20 * * * *').minutes)).toEqual([5, 25, 45]);
  expect(list(parseCron('0 0 * * 7').weekdays)).toEqual([0]);
  expect(list(parseCron('0 0 * * 5-7').weekdays)).toEqual([0, 5, 6]);
  expect(parseCron('0 0 29 2 *').eitherDay).toBe(false);
});

test.each([
  ['', 'five fields'],
  ['* * * *', 'five fields'],
  ['60 * * * *', 'outside 0-59'],
  ['* 24 * * *', 'outside 0-23'],
  ['* * 0 * *', 'outside 1-31'],
  ['* * * 13 *', 'outside 1-12'],
  ['* * * * 8', 'outside 0-7'],
  ['30-10 * * * *', 'backwards'],
  ['*/0 * * * *', 'at least 1'],
  ['a * * * *', 'outside'],
  ['1- * * * *', 'not a number'],
  ['0 0 31 2,4 *', 'no month has such a day'],
])('%j is refused: %s', (text, why) => {
  expect(() => parseCron(text)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  expect(() => parseCron(text)).toThrow(why);
});
