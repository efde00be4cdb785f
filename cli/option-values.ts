import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../core/function/quantity';

/** Parsers of option values; what they throw is a usage error. */

/** A duration such as `30s`, in milliseconds. */
export function durationOption(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** A whole number from 0 to 100. */
export function percentOption(text: string): number {
  const value = Number(text.replace(/ ?%$/, ''));
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value <= 100) return value;
  throw new InvalidArgumentError('Write a whole number from 0 to 100.');
}

/** A whole number from 1 on. */
export function countOption(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('It must be a whole number from 1 on.');
  }
  return value;
}

/** A time to come: RFC 3339, or for how long from now on (`90d`). As RFC 3339. */
export function expiryOption(text: string): string {
  if (/^\d{4}-/.test(text)) {
    const time = Date.parse(text);
    if (!Number.isNaN(time)) return new Date(time).toISOString();
  } else if (/^\d/.test(text)) {
    return new Date(Date.now() + durationOption(text)).toISOString();
  }
  throw new InvalidArgumentError('Write for how long (12h, 90d) or a time (2027-01-31T00:00:00Z).');
}

/** A time: RFC 3339, or how long ago (`10m`). As RFC 3339. */
export function timeOption(text: string): string {
  if (/^\d{4}-/.test(text)) {
    const time = Date.parse(text);
    if (!Number.isNaN(time)) return new Date(time).toISOString();
  } else if (/^\d/.test(text)) {
    return new Date(Date.now() - durationOption(text)).toISOString();
  }
  throw new InvalidArgumentError('Write how long ago (10m, 2h) or a time (2026-11-23T09:00:00Z).');
}

/** Words by commas; none at all where it is empty. */
export function wordsOption(text: string): readonly string[] {
  return text.trim() === '' ? [] : text.split(',').map((word) => word.trim());
}

/** Percents by commas, such as `50,75,90`. */
export function percentsOption(text: string): readonly number[] {
  return wordsOption(text).map((word) => {
    if (!/^\d+ ?%?$/.test(word)) throw new InvalidArgumentError('Write percents by commas, e.g. 50,75,90,100.');
    return parseInt(word, 10);
  });
}
