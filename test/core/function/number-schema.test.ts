import type { z } from 'zod';
import { numberWithin, timeText, wholeNumber } from '../../../core/function/number-schema';

const told = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues.map(({ message }) => message);

test.each([0, 101, 1.5, 'many', null, undefined, NaN])(
  '%p is no whole number from 1 to 100, and is told what would be one',
  (value) => {
    expect(new Set(told(wholeNumber(1, 100), value))).toEqual(new Set(['must be a whole number from 1 to 100']));
  },
);

test.each([-1, 3_601, '5', Infinity])('%p is no number of seconds', (value) => {
  expect(new Set(told(numberWithin(0, 3_600), value))).toEqual(new Set(['must be a number from 0 to 3600']));
});

test('what is within passes as it is', () => {
  expect([wholeNumber(1, 100).parse(100), numberWithin(0, 1).parse(0.5)]).toEqual([100, 0.5]);
  expect(timeText.parse('2026-11-27T00:00:00Z')).toBe('2026-11-27T00:00:00Z');
});

test('a time that is none is told how one is written', () => {
  expect(told(timeText, 'noon')).toEqual(['must be a time in UTC such as 2026-11-27T00:00:00Z']);
});
