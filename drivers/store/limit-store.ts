import type { TenantLimits } from '../../core/admission/limits';

/** What a tenant may do (`keyId` null), or one of its keys, of which only `rate` counts. */
export interface LimitRecord {
  readonly tenant: string;
  readonly keyId: string | null;
  readonly limits: TenantLimits;
  readonly updatedAt: Date;
}

export interface LimitStore {
  /** Of all tenants, and of all keys that have their own. */
  limits(): Promise<readonly LimitRecord[]>;
  /** @param keyId null for the tenant's own. @throws PlatformError not_found when the tenant is unknown */
  putLimits(tenant: string, keyId: string | null, limits: TenantLimits): Promise<void>;
  deleteLimits(tenant: string, keyId: string | null): Promise<boolean>;
}
