import { randomBytes } from 'node:crypto';
import { DATA_KEY_BYTES, masterKeyId, NONCE_BYTES, unwrapDataKey, wrapDataKey } from '../../core/crypto/data-key';
import { keyVersionOf, openSecret, sealSecret, type DataKey } from '../../core/crypto/secret-box';
import { isPlatformError, PlatformError } from '../../core/error/platform-error';
import type { DataKeyRecord, IdentityStore } from '../store/identity-store';
import { masterKeyOf, type MasterKeyring } from './master-keyring';

type VaultStore = Pick<IdentityStore, 'readSecrets' | 'putSecret' | 'dataKeys' | 'addDataKey'>;

/** Data keys kept in the clear at most; one tenant has one, or two for a moment. */
const MAX_KEPT = 1_000;

/**
 * Seals and opens the secrets of all tenants. Each tenant's are sealed under a data key of its own, random, which is
 * stored wrapped by the master key: a new master key changes the wrappings alone. Of the values nothing is kept.
 */
export class SecretVault {
  /** By tenant and version; a version's key never changes. */
  readonly #kept = new Map<string, Buffer>();

  constructor(
    private readonly store: VaultStore,
    private readonly ring: MasterKeyring,
  ) {}

  /** @throws PlatformError not_found when the tenant is unknown, internal under a foreign master key */
  async put(tenant: string, name: string, value: string): Promise<void> {
    const dataKey = await this.newestDataKey(tenant);
    await this.store.putSecret(tenant, name, sealSecret(dataKey, { tenant, name }, value, randomBytes(NONCE_BYTES)));
  }

  /** Values by name, of those that exist. @throws PlatformError internal under a master key that they do not hang on */
  readonly read = async (tenant: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    if (names.length === 0) return new Map();
    const boxes = await this.store.readSecrets(tenant, names);
    const values = [...boxes].map(async ([name, box]) => [name, (await this.open(tenant, name, box)).toString('utf8')]);
    return new Map((await Promise.all(values)) as [string, string][]);
  };

  /** One box in the clear. */
  async open(tenant: string, name: string, sealed: Buffer): Promise<Buffer> {
    const owner = { tenant, name };
    const version = keyVersionOf(sealed, owner);
    if (version === 0) return this.#openUnderMaster(owner, sealed);
    const kept = this.#kept.get(`${tenant}/${version}`);
    if (kept) return openSecret(kept, owner, sealed);
    const record = (await this.store.dataKeys(tenant)).find((candidate) => candidate.version === version);
    if (!record) throw new PlatformError('internal', `The tenant "${tenant}" has no data key ${version}`);
    return openSecret(this.unwrap(record), owner, sealed);
  }

  /** The key that new secrets of the tenant are sealed under; made with the first. */
  async newestDataKey(tenant: string): Promise<DataKey> {
    const [newest] = await this.store.dataKeys(tenant);
    return newest ? { version: newest.version, key: this.unwrap(newest) } : this.addDataKey(tenant, 1);
  }

  /** A new data key of that version; where another process was first, its one. */
  async addDataKey(tenant: string, version: number): Promise<DataKey> {
    const key = randomBytes(DATA_KEY_BYTES);
    await this.store.addDataKey(this.wrap(tenant, version, key));
    const record = (await this.store.dataKeys(tenant)).find((candidate) => candidate.version === version);
    if (!record) throw new PlatformError('internal', `The data key ${version} of "${tenant}" did not stay`);
    return { version, key: this.unwrap(record) };
  }

  /** A data key as the store is to keep it: wrapped by the current master key. */
  wrap(tenant: string, version: number, key: Buffer): DataKeyRecord {
    const wrapped = wrapDataKey(this.ring.current, { tenant, version }, key, randomBytes(NONCE_BYTES));
    return { tenant, version, wrapped, masterId: masterKeyId(this.ring.current) };
  }

  /** The key of a record. @throws PlatformError internal when the ring lacks its master key */
  unwrap(record: DataKeyRecord): Buffer {
    const id = `${record.tenant}/${record.version}`;
    const kept = this.#kept.get(id);
    if (kept) return kept;
    const master = masterKeyOf(this.ring, record.masterId);
    if (!master) {
      throw new PlatformError(
        'internal',
        `The secrets of the tenant "${record.tenant}" hang on the master key ${record.masterId}, which is not here`,
        { hint: 'Bring it back as a previous key (secrets.previousKeyFiles), then: presage secret rewrap.' },
      );
    }
    const key = unwrapDataKey(master, record, record.wrapped);
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(id, key);
    return key;
  }

  /** From before there were data keys. */
  #openUnderMaster(owner: { tenant: string; name: string }, sealed: Buffer): Buffer {
    let failure: unknown;
    for (const master of [this.ring.current, ...this.ring.previous]) {
      try {
        return openSecret(master, owner, sealed);
      } catch (error) {
        if (!isPlatformError(error)) throw error;
        failure ??= error;
      }
    }
    throw failure;
  }
}
