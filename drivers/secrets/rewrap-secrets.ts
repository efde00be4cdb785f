import { randomBytes } from 'node:crypto';
import { NONCE_BYTES } from '../../core/crypto/data-key';
import { keyVersionOf, sealSecret } from '../../core/crypto/secret-box';
import { toPlatformError, type PlatformError } from '../../core/error/platform-error';
import type { Store } from '../store/store';
import type { SecretVault } from './secret-vault';

/** What a rewrap did. */
export interface RewrapReport {
  /** Data keys whose wrapping was another master key's. */
  readonly dataKeys: number;
  /** Secrets sealed anew: those from before there were data keys, or all of a tenant with a new one. */
  readonly secrets: number;
  /** What could not be opened, and why; it was left as it is. */
  readonly failures: readonly { readonly tenant: string; readonly what: string; readonly error: PlatformError }[];
}

type RewrapStore = Pick<Store, 'tenants' | 'dataKeys' | 'rewrapDataKey' | 'secrets' | 'readSecrets' | 'resealSecret'>;

/**
 * After a new master key: wraps every data key by it, and seals what still hangs on a master key itself under its
 * tenant's data key. When it reports no failure, no previous master key is needed any more. May be repeated, and may run
 * while secrets are set and read.
 * @param newDataKeys also gives every tenant a new data key and seals all its secrets under that
 */
export async function rewrapSecrets(
  store: RewrapStore,
  vault: SecretVault,
  options: { readonly newDataKeys: boolean },
): Promise<RewrapReport> {
  const failures: RewrapReport['failures'][number][] = [];
  let dataKeys = 0;
  let secrets = 0;
  for (const { name: tenant } of await store.tenants()) {
    const attempt = async (what: string, work: () => Promise<boolean>): Promise<number> => {
      try {
        return (await work()) ? 1 : 0;
      } catch (error) {
        const failure = toPlatformError(error);
        if (failure.retryable) throw failure;
        failures.push({ tenant, what, error: failure });
        return 0;
      }
    };
    const known = await store.dataKeys(tenant);
    for (const record of known) {
      dataKeys += await attempt(`data key ${record.version}`, async () => {
        const wrapped = vault.wrap(tenant, record.version, vault.unwrap(record));
        return wrapped.masterId !== record.masterId && (await store.rewrapDataKey(wrapped, record.masterId));
      });
    }
    const names = (await store.secrets(tenant)).map(({ name }) => name);
    if (names.length === 0) continue;
    const newest = known[0]?.version ?? 0;
    if (options.newDataKeys && newest > 0) await attempt('new data key', async () => Boolean(await vault.addDataKey(tenant, newest + 1))); // prettier-ignore
    for (const [name, sealed] of await store.readSecrets(tenant, names)) {
      secrets += await attempt(`secret ${name}`, () => reseal(store, vault, { tenant, name }, sealed));
    }
  }
  return { dataKeys, secrets, failures };
}

async function reseal(
  store: RewrapStore,
  vault: SecretVault,
  owner: { readonly tenant: string; readonly name: string },
  sealed: Buffer,
): Promise<boolean> {
  const dataKey = await vault.newestDataKey(owner.tenant);
  if (keyVersionOf(sealed, owner) === dataKey.version) return false;
  const plain = await vault.open(owner.tenant, owner.name, sealed);
  return store.resealSecret(owner.tenant, owner.name, sealed, sealSecret(dataKey, owner, plain, randomBytes(NONCE_BYTES))); // prettier-ignore
}
