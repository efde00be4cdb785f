import { z } from 'zod';
import { parseDuration } from '../function/quantity';
import type { Share } from './share';

const LONGEST_WINDOW_MS = 24 * 3_600_000;

/** A duration of whole seconds: the header fields that tell callers about it know no fractions. */
const windowSchema = z.string().superRefine((text, context) => {
  const issue = (message: string): void => context.addIssue({ code: 'custom', message });
  try {
    const ms = parseDuration(text);
    if (ms < 1_000 || ms > LONGEST_WINDOW_MS || ms % 1_000 !== 0) issue('must be whole seconds, 1s to 24h');
  } catch (error) {
    issue(error instanceof Error ? error.message : String(error));
  }
});

const rateSchema = z.strictObject({
  requests: z.number().int().min(1).max(1_000_000_000),
  window: windowSchema.default('1s'),
});

/** What one API key may do. */
export const keyLimitsSchema = z.strictObject({
  rate: rateSchema.optional().describe('requests of this key; absent: as the tenant’s keyRate says'),
});

/** What a tenant may do: at all gateways together where they share a Redis, else at each. */
export const tenantLimitsSchema = z.strictObject({
  rate: rateSchema.optional().describe('requests for all functions of the tenant together'),
  keyRate: rateSchema.optional().describe('requests of each key of the tenant that has no limit of its own'),
  maxInFlight: z.number().int().min(1).optional().describe('requests in flight at once'),
  reserved: z.number().int().min(0).optional().describe('places in each gateway that other tenants leave free for it'),
  weight: z.number().min(0.01).max(100).optional().describe('its share against others while requests wait; default 1'),
});

export type KeyLimits = z.infer<typeof keyLimitsSchema>;
export type TenantLimits = z.infer<typeof tenantLimitsSchema>;

/** So many requests in each window. */
export interface RateRule {
  readonly requests: number;
  readonly windowSeconds: number;
}

/** The rule that a limit states; null: none. */
export function rateRuleOf(rate: KeyLimits['rate']): RateRule | null {
  return rate ? { requests: rate.requests, windowSeconds: parseDuration(rate.window) / 1_000 } : null;
}

/** The tenant's share of a gateway's places. @param max where its limits name none */
export function shareOfLimits({ weight = 1, maxInFlight, reserved = 0 }: TenantLimits, max: number): Share {
  const own = { weight, reserved };
  // What it may have of a gateway by default is a part of that gateway; what was named is the tenant's.
  return maxInFlight === undefined
    ? { ...own, max: Math.max(max, reserved) }
    : { ...own, max: maxInFlight, shared: true };
}
