import type { RateRule } from '../../core/admission/limits';
import type { RateState } from '../../core/admission/rate-window';
import { PlatformError, toPlatformError } from '../../core/error/platform-error';
import type { Limiter } from '../../drivers/limiter/limiter';
import type { Principal } from '../api/api-context';
import type { LimitTable } from './limit-table';

/** Whose limit it is; the name of the policy in the header fields. */
export const POLICIES = ['tenant', 'key'] as const;
export type Policy = (typeof POLICIES)[number];

/** What a request's rates came to. */
export interface RatesTaken {
  /** `RateLimit-Policy` and `RateLimit`, as draft-ietf-httpapi-ratelimit-headers has them since its 08. */
  readonly headers: Readonly<Record<string, string>>;
  /** rate_limited, when one of them was used up. */
  readonly error: PlatformError | null;
}

export interface RateLog {
  warn(fields: object, message: string): void;
}

/** How often a limiter that cannot be reached is told of. */
const COMPLAIN_EVERY_MS = 10_000;

/** Counts requests against the rates of the tenant they are for and of the key they come with. */
export class RateLimits {
  readonly #limited: Record<Policy, number> = { tenant: 0, key: 0 };
  #complainedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly limiter: Limiter,
    private readonly table: Pick<LimitTable, 'tenantRate' | 'keyRate'>,
    private readonly log: RateLog,
  ) {}

  /** Requests refused so far, by whose limit it was. */
  get limited(): Readonly<Record<Policy, number>> {
    return this.#limited;
  }

  /** Undefined, without a promise, when no rate applies. Never rejects: what cannot be counted is let through. */
  take(tenant: string, caller: Pick<Principal, 'keyId' | 'tenant'> | undefined): Promise<RatesTaken> | undefined {
    const tenantRule = this.table.tenantRate(tenant);
    const keyRule = caller ? this.table.keyRate(caller.tenant, caller.keyId) : null;
    if (!tenantRule && !keyRule) return undefined;
    return this.#take(tenant, tenantRule, caller?.keyId ?? '', keyRule);
  }

  /** The key's own first: what it is refused does not use up what its tenant's other keys have. */
  async #take(
    tenant: string,
    tenantRule: RateRule | null,
    keyId: string,
    keyRule: RateRule | null,
  ): Promise<RatesTaken> {
    const told: Told[] = [];
    let error: PlatformError | null = null;
    try {
      if (keyRule) error = this.#judge('key', keyRule, await this.limiter.take(`key/${keyId}`, keyRule), told);
      if (tenantRule && !error) {
        error = this.#judge('tenant', tenantRule, await this.limiter.take(`tenant/${tenant}`, tenantRule), told);
      }
    } catch (failure) {
      this.#complain(failure);
    }
    if (told.length === 0) return { headers: {}, error };
    return {
      headers: {
        'ratelimit-policy': told
          .map(({ policy, rule }) => `"${policy}";q=${rule.requests};w=${rule.windowSeconds}`)
          .join(', '),
        ratelimit: told.map(({ policy, state }) => `"${policy}";r=${state.remaining};t=${seconds(state)}`).join(', '),
      },
      error,
    };
  }

  #judge(policy: Policy, rule: RateRule, state: RateState, told: Told[]): PlatformError | null {
    told.push({ policy, rule, state });
    if (state.allowed) return null;
    this.#limited[policy]++;
    return new PlatformError(
      'rate_limited',
      `The ${policy === 'key' ? 'key' : 'tenant'} may make ${rule.requests} requests in ${rule.windowSeconds} s`,
      {
        retryAfterSeconds: seconds(state),
        hint: 'Come back after Retry-After; RateLimit says what is left before it is.',
      },
    );
  }

  /** Better a rate unchecked than a request lost. */
  #complain(failure: unknown): void {
    const now = performance.now();
    if (now - this.#complainedAt < COMPLAIN_EVERY_MS) return;
    this.#complainedAt = now;
    this.log.warn({ err: toPlatformError(failure) }, 'Rates cannot be counted; requests go through');
  }
}

interface Told {
  readonly policy: Policy;
  readonly rule: RateRule;
  readonly state: RateState;
}

function seconds({ resetMs }: RateState): number {
  return Math.max(1, Math.ceil(resetMs / 1_000));
}
