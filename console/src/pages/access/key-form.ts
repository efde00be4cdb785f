import { parseDuration } from '../../../../core/function/quantity';
import { isPlatformError } from '../../../../core/error/platform-error';
import type { KeyLimits } from '../../../../core/admission/limits';

/** What was typed is read, or a problem says what is wrong with it and how to mend it. */
export type Typed<T> = { readonly value: T } | { readonly problem: string };

/** When something that ends after a duration ends, RFC 3339; null for an empty text: never. @param now Unix milliseconds */
export function expiryOf(text: string, now: number): Typed<string | null> {
  if (text.trim() === '') return { value: null };
  const read = millisecondsOf(text);
  if ('problem' in read) return read;
  return read.value > 0
    ? { value: new Date(now + read.value).toISOString() }
    : { problem: 'must be longer than nothing; write e.g. 90d' };
}

/** A duration in whole seconds; undefined for an empty text. */
export function secondsOf(text: string): Typed<number | undefined> {
  if (text.trim() === '') return { value: undefined };
  const read = millisecondsOf(text);
  return 'problem' in read ? read : { value: Math.round(read.value / 1000) };
}

/** `100` or `100/10s`; undefined for an empty text: no limit. Whether the window fits is for the platform to say. */
export function rateOf(text: string): Typed<NonNullable<KeyLimits['rate']> | undefined> {
  const trimmed = text.trim();
  if (trimmed === '') return { value: undefined };
  const [, requests, window = '1s'] = /^(\d+)(?:\s*\/\s*(\w+))?$/.exec(trimmed) ?? [];
  if (requests === undefined) return { problem: 'must be REQUESTS/WINDOW; write e.g. 100/1s or 5000/1h' };
  return { value: { requests: Number(requests), window } };
}

/** A number; undefined for an empty text. */
export function numberOf(text: string): Typed<number | undefined> {
  const trimmed = text.trim();
  if (trimmed === '') return { value: undefined };
  const value = Number(trimmed);
  return Number.isFinite(value) ? { value } : { problem: 'must be a number; write e.g. 200' };
}

export function rateText(rate: KeyLimits['rate']): string {
  return rate ? `${rate.requests}/${rate.window}` : '';
}

export function problemOf(typed: Typed<unknown>): string | undefined {
  return 'problem' in typed ? typed.problem : undefined;
}

function millisecondsOf(text: string): Typed<number> {
  try {
    return { value: parseDuration(text.trim()) };
  } catch (error) {
    if (!isPlatformError(error)) throw error;
    return { problem: 'must be a duration; write e.g. 90d, 12h or 30m' };
  }
}
