import { randomUUID } from 'node:crypto';
import { PlatformError } from '../../core/error/platform-error';
import type { ApiKeyRecord, DataKeyRecord, IdentityStore } from '../../drivers/store/identity-store';

type KeyRow = ApiKeyRecord & { readonly hash: string; readonly previousHash: string | null };

/** Keys, secrets and data keys in memory. `needTenant` throws where a tenant is not there. */
export function memoryIdentity(now: () => Date, needTenant: (name: string) => void): IdentityStore {
  const keys: KeyRow[] = [];
  const secrets = new Map<string, { tenant: string; name: string; sealed: Buffer; updatedAt: Date }>();
  const dataKeys: DataKeyRecord[] = [];
  const code = new Set<string>();
  const publicKey = ({ hash: _hash, previousHash: _previous, ...row }: KeyRow): ApiKeyRecord => row;
  const inUse = (tenant: string, id: string): KeyRow | undefined =>
    keys.find((row) => row.tenant === tenant && row.id === id && row.revokedAt === null);
  const change = (old: KeyRow, next: Partial<KeyRow>): KeyRow => {
    const row = { ...old, ...next };
    keys[keys.indexOf(old)] = row;
    return row;
  };

  return {
    createApiKey: async ({ hash, expiresAt, ...input }) => {
      needTenant(input.tenant);
      if (keys.some((key) => key.hash === hash)) throw new PlatformError('conflict', 'The key exists');
      const key: KeyRow = {
        ...input,
        id: randomUUID(),
        hash,
        createdAt: now(),
        revokedAt: null,
        expiresAt: expiresAt ?? null,
        lastUsedAt: null,
        rotatedAt: null,
        previousHash: null,
        previousUntil: null,
      };
      keys.push(key);
      return publicKey(key);
    },
    findApiKey: async (hash) => {
      const at = now();
      const good = (until: Date | null): boolean => until === null || until > at;
      const key = keys.find((row) => row.hash === hash || (row.previousHash === hash && good(row.previousUntil)));
      if (!key || key.revokedAt !== null || !good(key.expiresAt)) return null;
      const ends = [key.expiresAt, key.hash === hash ? null : key.previousUntil].flatMap((date) =>
        date ? [date] : [],
      );
      const validUntil = ends.sort((a, b) => a.getTime() - b.getTime())[0] ?? null;
      return { id: key.id, tenant: key.tenant, scopes: key.scopes, validUntil };
    },
    apiKeys: async (tenant) => keys.filter((key) => key.tenant === tenant).map(publicKey),
    revokeApiKey: async (tenant, id) => {
      const key = inUse(tenant, id);
      if (key) change(key, { revokedAt: now() });
      return key !== undefined;
    },
    rotateApiKey: async (tenant, id, { prefix, hash, previousUntil, expiresAt }) => {
      const key = inUse(tenant, id);
      if (!key) return null;
      const expiry = expiresAt === undefined ? {} : { expiresAt };
      const turned = { prefix, hash, previousHash: key.hash, previousUntil, rotatedAt: now(), ...expiry };
      return publicKey(change(key, turned));
    },
    touchApiKeys: async (uses) => {
      for (const { id, at } of uses) {
        const key = keys.find((row) => row.id === id);
        if (key && (key.lastUsedAt === null || key.lastUsedAt < at)) change(key, { lastUsedAt: at });
      }
    },

    putSecret: async (tenant, name, sealed) => {
      needTenant(tenant);
      secrets.set(`${tenant}/${name}`, { tenant, name, sealed, updatedAt: now() });
    },
    secrets: async (tenant) =>
      [...secrets.values()]
        .filter((secret) => secret.tenant === tenant)
        .map(({ name, updatedAt }) => ({ name, updatedAt }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    readSecrets: async (tenant, names) =>
      new Map(
        names.flatMap((name): [string, Buffer][] => {
          const secret = secrets.get(`${tenant}/${name}`);
          return secret ? [[name, secret.sealed]] : [];
        }),
      ),
    resealSecret: async (tenant, name, from, to) => {
      const secret = secrets.get(`${tenant}/${name}`);
      if (!secret?.sealed.equals(from)) return false;
      secrets.set(`${tenant}/${name}`, { ...secret, sealed: to });
      return true;
    },
    deleteSecret: async (tenant, name) => secrets.delete(`${tenant}/${name}`),

    noteCode: async (tenant, digest) => {
      needTenant(tenant);
      code.add(`${tenant}/${digest}`);
    },
    hasCode: async (tenant, digest) => code.has(`${tenant}/${digest}`),

    dataKeys: async (tenant) => dataKeys.filter((key) => key.tenant === tenant).sort((a, b) => b.version - a.version),
    addDataKey: async (key) => {
      needTenant(key.tenant);
      if (dataKeys.some(({ tenant, version }) => tenant === key.tenant && version === key.version)) return false;
      dataKeys.push({ ...key });
      return true;
    },
    rewrapDataKey: async (key, fromMasterId) => {
      const index = dataKeys.findIndex(
        ({ tenant, version, masterId }) =>
          tenant === key.tenant && version === key.version && masterId === fromMasterId,
      );
      if (index >= 0) dataKeys[index] = { ...key };
      return index >= 0;
    },
  };
}
