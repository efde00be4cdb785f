import { rateRuleOf, shareOfLimits, type RateRule, type TenantLimits } from '../../core/admission/limits';
import type { Share } from '../../core/admission/share';
import type { Store } from '../../drivers/store/store';
import type { LimitRecord } from '../../drivers/store/limit-store';

export interface LimitTableLog {
  warn(fields: object, message: string): void;
}

export interface LimitTableOptions {
  readonly store: Pick<Store, 'limits' | 'subscribe'>;
  readonly log: LimitTableLog;
  /** For tenants that name none of their own: `gateway.limits` of the configuration. */
  readonly defaults: TenantLimits;
  /** Places that a tenant may have where nothing says otherwise. */
  readonly defaultMaxInFlight: number;
  /** Told after every change of what tenants are entitled to. */
  readonly changed: () => void;
}

interface TenantEntry {
  readonly rate: RateRule | null;
  readonly keyRate: RateRule | null;
  readonly share: Share;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * The limits of all tenants and keys, in memory, kept up as the store tells of changes. While the store is away the last
 * ones hold; before they were first read, the configured ones.
 */
export class LimitTable {
  readonly #defaults: TenantEntry;
  #tenants = new Map<string, TenantEntry>();
  #keys = new Map<string, RateRule | null>();
  #stale = false;
  #reading = false;
  #retryMs = FIRST_RETRY_MS;
  #retry: NodeJS.Timeout | undefined;
  #unsubscribe: (() => Promise<void>) | undefined;
  #closed = false;

  constructor(private readonly options: LimitTableOptions) {
    this.#defaults = this.#entry({});
  }

  /** Starts to follow the store. Resolves when the limits were read, or could not be, in which case they come later. */
  async open(): Promise<void> {
    this.#unsubscribe = await this.options.store.subscribe('limits', () => void this.refresh());
    await this.refresh();
  }

  /** Reads the limits anew; calls during a read are answered by one more. */
  async refresh(): Promise<void> {
    this.#stale = true;
    if (this.#reading || this.#closed) return;
    clearTimeout(this.#retry);
    this.#reading = true;
    try {
      while (this.#stale && !this.#closed) {
        this.#stale = false;
        this.#replace(await this.options.store.limits());
      }
      this.#retryMs = FIRST_RETRY_MS;
    } catch (error) {
      this.options.log.warn({ err: error, retryMs: this.#retryMs }, 'The limits cannot be read; the last ones hold');
      this.#retry = setTimeout(() => void this.refresh(), this.#retryMs);
      this.#retry.unref();
      this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    } finally {
      this.#reading = false;
    }
  }

  /** How often all may call the tenant's functions; null: as they like. */
  tenantRate(tenant: string): RateRule | null {
    return (this.#tenants.get(tenant) ?? this.#defaults).rate;
  }

  /** How often the key may call. */
  keyRate(tenant: string, keyId: string): RateRule | null {
    return this.#keys.get(keyId) ?? (this.#tenants.get(tenant) ?? this.#defaults).keyRate;
  }

  /** The tenant's share of the gateway's places. */
  shareOf(tenant: string): Share {
    return (this.#tenants.get(tenant) ?? this.#defaults).share;
  }

  /** Tenants that others leave places free for. */
  get withReservations(): readonly string[] {
    return [...this.#tenants].filter(([, { share }]) => share.reserved > 0).map(([tenant]) => tenant);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#unsubscribe?.();
  }

  #replace(records: readonly LimitRecord[]): void {
    const tenants = new Map<string, TenantEntry>();
    const keys = new Map<string, RateRule | null>();
    for (const { tenant, keyId, limits } of records) {
      if (keyId === null) tenants.set(tenant, this.#entry(limits));
      else keys.set(keyId, rateRuleOf(limits.rate));
    }
    this.#tenants = tenants;
    this.#keys = keys;
    this.options.changed();
  }

  #entry(own: TenantLimits): TenantEntry {
    const limits = { ...this.options.defaults, ...own };
    return {
      rate: rateRuleOf(limits.rate),
      keyRate: rateRuleOf(limits.keyRate),
      share: shareOfLimits(limits, this.options.defaultMaxInFlight),
    };
  }
}
