import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../../../drivers/store/audit-store';
import type { Store } from '../../../drivers/store/store';
import { newTenant } from './sample-records';

/** Turning over and ending of keys, data keys, and the audit log. */
export function describeIdentity(current: () => Store): void {
  let store: Store;
  let tenant: string;
  beforeEach(async () => {
    store = current();
    tenant = await newTenant(store);
  });
  const newKey = (hash: string, expiresAt: Date | null = null) =>
    store.createApiKey({ tenant, name: 'ci', prefix: 'a', hash, scopes: ['read'], expiresAt });
  const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000);

  describe('keys over time', () => {
    test('a key is found until it expires', async () => {
      const [gone, good] = [randomUUID(), randomUUID()];
      await newKey(gone, inSeconds(-60));
      const ends = inSeconds(3600);
      await newKey(good, ends);
      expect(await store.findApiKey(gone)).toBeNull();
      expect(await store.findApiKey(good)).toMatchObject({ tenant, validUntil: ends });
    });

    test('after a rotation both secrets are found, the older for the overlap', async () => {
      const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
      const { id } = await newKey(first);
      const previousUntil = inSeconds(600);
      const change = { prefix: 'b', hash: second, previousUntil };
      expect(await store.rotateApiKey('someone-else', id, change)).toBeNull();
      const turned = await store.rotateApiKey(tenant, id, change);
      expect(turned).toMatchObject({ id, prefix: 'b', previousUntil, rotatedAt: expect.any(Date) as Date });
      expect(await store.findApiKey(second)).toMatchObject({ id, validUntil: null });
      expect(await store.findApiKey(first)).toMatchObject({ id, validUntil: previousUntil });

      const ends = inSeconds(60);
      const past = { prefix: 'c', hash: third, previousUntil: inSeconds(-1), expiresAt: ends };
      expect(await store.rotateApiKey(tenant, id, past)).toMatchObject({ expiresAt: ends });
      expect(await store.findApiKey(first)).toBeNull();
      expect(await store.findApiKey(second)).toBeNull();
      expect(await store.findApiKey(third)).toMatchObject({ id, validUntil: ends });
      await store.revokeApiKey(tenant, id);
      expect(await store.findApiKey(third)).toBeNull();
      expect(await store.rotateApiKey(tenant, id, change)).toBeNull();
    });

    test('the last use moves forwards only, and unknown keys do no harm', async () => {
      const { id, lastUsedAt } = await newKey(randomUUID());
      expect(lastUsedAt).toBeNull();
      const at = new Date('2026-01-02T03:04:05.000Z');
      await store.touchApiKeys([{ id, at }, { id: 'nobody', at }]); // prettier-ignore
      await store.touchApiKeys([{ id, at: new Date(at.getTime() - 1000) }]);
      await store.touchApiKeys([]);
      expect(await store.apiKeys(tenant)).toMatchObject([{ lastUsedAt: at }]);
    });
  });

  test('code is known as a tenant’s own only when that tenant has sent it', async () => {
    await Promise.all([store.noteCode(tenant, 'sha256:1'), store.noteCode(tenant, 'sha256:1')]);
    expect(await store.hasCode(tenant, 'sha256:1')).toBe(true);
    expect(await store.hasCode(tenant, 'sha256:2')).toBe(false);
    expect(await store.hasCode(await newTenant(store), 'sha256:1')).toBe(false);
    await expect(store.noteCode('nobody', 'sha256:1')).rejects.toMatchObject({ code: 'not_found' });
  });

  describe('data keys', () => {
    test('one per tenant and version, newest first; a wrapping is replaced only by who knows the one before', async () => {
      const key = (version: number, masterId = 'm1') => ({
        tenant,
        version,
        wrapped: Buffer.from([version]),
        masterId,
      });
      expect(await store.addDataKey(key(1))).toBe(true);
      expect(await store.addDataKey(key(1, 'other'))).toBe(false);
      await store.addDataKey(key(2));
      expect(await store.dataKeys(tenant)).toEqual([key(2), key(1)]);
      expect(await store.dataKeys(await newTenant(store))).toEqual([]);
      const anew = { ...key(1, 'm2'), wrapped: Buffer.from('anew') };
      expect(await store.rewrapDataKey(anew, 'm0')).toBe(false);
      expect(await store.rewrapDataKey(anew, 'm1')).toBe(true);
      expect(await store.dataKeys(tenant)).toEqual([key(2), anew]);
      await expect(store.addDataKey({ ...key(1), tenant: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });
    });

    test('a secret is sealed anew only from the box that was read', async () => {
      await store.putSecret(tenant, 'token', Buffer.from('one'));
      const [before] = await store.secrets(tenant);
      expect(await store.resealSecret(tenant, 'token', Buffer.from('zero'), Buffer.from('two'))).toBe(false);
      expect(await store.resealSecret(tenant, 'token', Buffer.from('one'), Buffer.from('two'))).toBe(true);
      expect((await store.readSecrets(tenant, ['token'])).get('token')?.toString()).toBe('two');
      expect(await store.secrets(tenant)).toEqual([before]);
    });
  });

  describe('the audit log', () => {
    const entry = (change: Partial<AuditRecord> = {}): Omit<AuditRecord, 'id'> => ({
      at: new Date('2026-05-20T10:00:00.000Z'),
      tenant,
      principal: 'k1',
      action: 'putSecret',
      resource: '/v1/secrets/token',
      before: null,
      after: 'sha256:ab',
      requestId: 'r1',
      address: '10.0.0.1',
      outcome: 'allowed',
      status: 204,
      ...change,
    });

    test('what is written comes back, newest first and page by page, to its own tenant', async () => {
      await store.writeAudit([entry({ requestId: 'r1' }), entry({ requestId: 'r2', resource: 'half \ud800 \0' })]);
      await store.writeAudit([entry({ requestId: 'r3', tenant: null, principal: null })]);
      await store.writeAudit([]);
      const first = await store.audit({ tenant, limit: 1 });
      expect(first.items).toMatchObject([{ requestId: 'r2' }]);
      const second = await store.audit({ tenant, limit: 1, cursor: first.next });
      expect(second).toEqual({ items: [{ ...entry(), id: expect.any(String) as string }], next: null });
      const all = (await store.audit({ tenant: null, limit: 3 })).items.map(({ requestId }) => requestId);
      expect(all.slice(0, 2)).toEqual(['r3', 'r2']);
      await expect(store.audit({ tenant, cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_argument' });
    });

    test('it is searched by who, what, where, how and when', async () => {
      const later = new Date('2026-05-21T10:00:00.000Z');
      await store.writeAudit([
        entry(),
        entry({ requestId: 'r2', principal: 'https://id.example#u_1', action: 'revokeKey', resource: '/v1/keys/%' }),
        entry({ requestId: 'r3', outcome: 'refused', status: 403, at: later }),
      ]);
      const found = async (query: object) =>
        (await store.audit({ tenant, ...query })).items.map(({ requestId }) => requestId);
      expect(await found({ principal: 'https://id.example#u_1' })).toEqual(['r2']);
      expect(await found({ action: 'putSecret' })).toEqual(['r3', 'r1']);
      expect(await found({ resource: '/v1/keys/%' })).toEqual(['r2']);
      expect(await found({ resource: '%' })).toEqual([]);
      expect(await found({ outcome: 'refused' })).toEqual(['r3']);
      expect(await found({ since: later })).toEqual(['r3']);
      expect(await found({ until: later, action: 'putSecret' })).toEqual(['r1']);
    });
  });
}
