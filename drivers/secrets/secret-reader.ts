import { openSecret } from '../../core/crypto/secret-box';
import type { Store } from '../store/store';

/** Values by name, of those that exist. */
export type SecretReader = (tenant: string, names: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** Opens secrets as they are asked for; nothing is kept. @throws PlatformError internal under another master key */
export function createSecretReader(store: Pick<Store, 'readSecrets'>, masterKey: Buffer): SecretReader {
  return async (tenant, names) => {
    if (names.length === 0) return new Map();
    const sealed = await store.readSecrets(tenant, names);
    return new Map([...sealed].map(([name, box]) => [name, openSecret(masterKey, tenant, name, box).toString('utf8')]));
  };
}
