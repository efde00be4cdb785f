import type { TenantLimits } from '../../../../core/admission/limits';
import { numberOf, problemOf, rateOf, rateText, type Typed } from './key-form';

export const LIMIT_FIELDS = ['rate', 'keyRate', 'maxInFlight', 'reserved', 'weight'] as const;
export type LimitField = (typeof LIMIT_FIELDS)[number];
export type TypedLimits = Readonly<Record<LimitField, string>>;

export function typedLimits(limits: TenantLimits): TypedLimits {
  const text = (value: number | undefined): string => (value === undefined ? '' : String(value));
  const { rate, keyRate, maxInFlight, reserved, weight } = limits;
  return {
    rate: rateText(rate),
    keyRate: rateText(keyRate),
    maxInFlight: text(maxInFlight),
    reserved: text(reserved),
    weight: text(weight),
  };
}

/** What was typed as the API takes it, without what is empty, and what is wrong by field. */
export function readLimits(typed: TypedLimits): {
  readonly limits: TenantLimits;
  readonly problems: Readonly<Partial<Record<LimitField, string>>>;
} {
  const limits: Record<string, unknown> = {};
  const problems: Partial<Record<LimitField, string>> = {};
  for (const field of LIMIT_FIELDS) {
    const read: Typed<unknown> =
      field === 'rate' || field === 'keyRate' ? rateOf(typed[field]) : numberOf(typed[field]);
    const problem = problemOf(read);
    if (problem !== undefined) problems[field] = problem;
    else if ('value' in read && read.value !== undefined) limits[field] = read.value;
  }
  return { limits, problems };
}
