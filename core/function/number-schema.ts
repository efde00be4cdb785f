import { z } from 'zod';

/** A whole number within bounds, both inclusive; whatever is wrong with it, the message says what it must be. */
export function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.number(error).int(error).min(min, error).max(max, error);
}

/** A number within bounds, both inclusive. */
export function numberWithin(min: number, max: number) {
  const error = `must be a number from ${min} to ${max}`;
  return z.number(error).min(min, error).max(max, error);
}

/** A time as people write it. */
export const timeText = z.iso.datetime('must be a time in UTC such as 2026-11-27T00:00:00Z');
