/** Who may do what, and what is kept sealed for whom. Part of the `Store`. */
export interface ApiKeyRecord {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
  /** null: never. */
  readonly expiresAt: Date | null;
  /** To the minute or so: uses are written in batches. null: never used. */
  readonly lastUsedAt: Date | null;
  readonly rotatedAt: Date | null;
  /** Until when the secret before the last rotation works too; null without one. */
  readonly previousUntil: Date | null;
}

/** A key that was presented and is good now. */
export interface KnownApiKey {
  readonly id: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
  /** When this secret stops working: the key's expiry, or the end of the overlap after a rotation. null: never. */
  readonly validUntil: Date | null;
}

/** A tenant's data key, as the store sees it: wrapped by a master key. Versions count up from 1. */
export interface DataKeyRecord {
  readonly tenant: string;
  readonly version: number;
  readonly wrapped: Buffer;
  /** Which master key wrapped it; see `masterKeyId`. */
  readonly masterId: string;
}

export interface IdentityStore {
  createApiKey(key: {
    tenant: string;
    name: string;
    prefix: string;
    hash: string;
    scopes: readonly string[];
    expiresAt?: Date | null;
  }): Promise<ApiKeyRecord>;
  /** By SHA-256 hex of the key; null when unknown, revoked, expired, or rotated away. */
  findApiKey(hash: string): Promise<KnownApiKey | null>;
  apiKeys(tenant: string): Promise<readonly ApiKeyRecord[]>;
  revokeApiKey(tenant: string, id: string): Promise<boolean>;
  /**
   * Gives the key a new secret; the one it had works on until `previousUntil`, the one before that no longer. `expiresAt`
   * left out keeps the expiry. null when there is no such key in use.
   */
  rotateApiKey(
    tenant: string,
    id: string,
    change: { prefix: string; hash: string; previousUntil: Date; expiresAt?: Date | null },
  ): Promise<ApiKeyRecord | null>;
  /** Moves the last use of keys forwards, never back. */
  touchApiKeys(uses: readonly { readonly id: string; readonly at: Date }[]): Promise<void>;

  putSecret(tenant: string, name: string, sealed: Buffer): Promise<void>;
  secrets(tenant: string): Promise<readonly { name: string; updatedAt: Date }[]>;
  readSecrets(tenant: string, names: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
  /** The same value sealed anew: only if the box is still `from`, so that a newer value is never put back. */
  resealSecret(tenant: string, name: string, from: Buffer, to: Buffer): Promise<boolean>;
  deleteSecret(tenant: string, name: string): Promise<boolean>;

  /** Remembers that the tenant has sent this code. @throws PlatformError not_found when the tenant is unknown */
  noteCode(tenant: string, digest: string): Promise<void>;
  /** Whether the tenant has sent this code: only then may its functions run it. */
  hasCode(tenant: string, digest: string): Promise<boolean>;

  /** Newest version first. */
  dataKeys(tenant: string): Promise<readonly DataKeyRecord[]>;
  /** False when the tenant has that version already. @throws PlatformError not_found when the tenant is unknown */
  addDataKey(key: DataKeyRecord): Promise<boolean>;
  /** Replaces the wrapping, only if it is still that of `fromMasterId`. */
  rewrapDataKey(key: DataKeyRecord, fromMasterId: string): Promise<boolean>;
}
