import { randomUUID } from 'node:crypto';
import type { Store } from '../../../drivers/store/store';
import { deployRevision, newTenant, sampleManifest } from './sample-records';

/** Tenants, keys, secrets, functions, revisions, aliases, routes, deployments and checkpoints. */
export function describeDeclared(current: () => Store): void {
  let store: Store;
  let tenant: string;
  beforeEach(async () => {
    store = current();
    tenant = await newTenant(store);
  });

  describe('tenants, keys and secrets', () => {
    test('a tenant is made once, however often it is wished for', async () => {
      const [first, second] = await Promise.all([store.ensureTenant(`${tenant}-x`), store.ensureTenant(`${tenant}-x`)]);
      expect(second).toEqual(first);
      expect((await store.tenants()).filter(({ name }) => name === `${tenant}-x`)).toEqual([first]);
    });

    test('a key is found by its hash until it is revoked', async () => {
      const hash = randomUUID();
      const key = await store.createApiKey({
        tenant,
        name: 'ci',
        prefix: 'psk_ab',
        hash,
        scopes: ['deploy', 'invoke'],
      });
      expect(key).toMatchObject({
        tenant,
        name: 'ci',
        prefix: 'psk_ab',
        scopes: ['deploy', 'invoke'],
        revokedAt: null,
        expiresAt: null,
        lastUsedAt: null,
      });
      const scopes = ['deploy', 'invoke'];
      expect(await store.findApiKey(hash)).toEqual({ id: key.id, tenant, scopes, validUntil: null });
      expect(await store.revokeApiKey('someone-else', key.id)).toBe(false);
      expect(await store.revokeApiKey(tenant, key.id)).toBe(true);
      expect(await store.revokeApiKey(tenant, key.id)).toBe(false);
      expect(await store.findApiKey(hash)).toBeNull();
      const [listed] = await store.apiKeys(tenant);
      expect(listed?.revokedAt).toBeInstanceOf(Date);
      expect(JSON.stringify(listed)).not.toContain(hash);
    });

    test('two keys cannot share a hash, and a key needs its tenant', async () => {
      const hash = randomUUID();
      await store.createApiKey({ tenant, name: 'a', prefix: 'p', hash, scopes: [] });
      const again = store.createApiKey({ tenant, name: 'b', prefix: 'p', hash, scopes: [] });
      await expect(again).rejects.toMatchObject({ code: 'conflict' });
      const orphan = store.createApiKey({ tenant: 'nobody', name: 'c', prefix: 'p', hash: randomUUID(), scopes: [] });
      await expect(orphan).rejects.toMatchObject({ code: 'not_found' });
    });

    test('limits are set, replaced and taken back, of a tenant and of its keys apart', async () => {
      const other = await newTenant(store);
      const own = async () => (await store.limits()).filter((row) => row.tenant === tenant || row.tenant === other);
      await store.putLimits(tenant, null, { maxInFlight: 5 });
      await store.putLimits(tenant, 'key-1', { rate: { requests: 3, window: '1s' } });
      await store.putLimits(tenant, null, { rate: { requests: 9, window: '1m' }, weight: 2 });
      expect(await own()).toEqual([
        {
          tenant,
          keyId: null,
          limits: { rate: { requests: 9, window: '1m' }, weight: 2 },
          updatedAt: expect.any(Date) as Date,
        },
        {
          tenant,
          keyId: 'key-1',
          limits: { rate: { requests: 3, window: '1s' } },
          updatedAt: expect.any(Date) as Date,
        },
      ]);
      expect(await store.deleteLimits(other, null)).toBe(false);
      expect(await store.deleteLimits(tenant, null)).toBe(true);
      expect(await store.deleteLimits(tenant, null)).toBe(false);
      expect((await own()).map(({ keyId }) => keyId)).toEqual(['key-1']);
      await expect(store.putLimits('nobody', null, {})).rejects.toMatchObject({ code: 'not_found' });
    });

    test('secrets stay with their tenant and come back as they went in', async () => {
      const sealed = Buffer.from([0, 255, 1, 128]);
      await store.putSecret(tenant, 'token', Buffer.from('old'));
      await store.putSecret(tenant, 'token', sealed);
      const other = await newTenant(store);
      expect(await store.readSecrets(tenant, ['token', 'absent'])).toEqual(new Map([['token', sealed]]));
      expect(await store.readSecrets(other, ['token'])).toEqual(new Map());
      expect(await store.secrets(tenant)).toEqual([{ name: 'token', updatedAt: expect.any(Date) as Date }]);
      expect(await store.deleteSecret(other, 'token')).toBe(false);
      expect(await store.deleteSecret(tenant, 'token')).toBe(true);
      expect(await store.secrets(tenant)).toEqual([]);
    });
  });

  describe('functions and revisions', () => {
    test('revisions are numbered from 1, and an equal digest is the same revision', async () => {
      const first = await deployRevision(store, tenant, 'hello', 'd1');
      const second = await deployRevision(store, tenant, 'hello', 'd2');
      const again = await deployRevision(store, tenant, 'hello', 'd1');
      expect([first, second, again].map(({ revision, created }) => [revision.number, created])).toEqual([
        [1, true],
        [2, true],
        [1, false],
      ]);
      expect(first.function).toMatchObject({ tenant, name: 'hello', generation: 1 });
      expect(second.function).toMatchObject({ id: first.function.id, generation: 2 });
      expect(again.revision).toEqual(first.revision);
      expect(first.revision).toMatchObject({ tenant, function: 'hello', state: 'pending', error: null });
      expect(first.revision.manifest).toEqual(sampleManifest('hello'));
    });

    test('deploys at the same time get different numbers without a gap', async () => {
      const made = await Promise.all(Array.from({ length: 8 }, () => deployRevision(store, tenant, 'busy')));
      expect(made.map(({ revision }) => revision.number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    });

    test('the same deploy at the same time makes one revision', async () => {
      const made = await Promise.all(Array.from({ length: 6 }, () => deployRevision(store, tenant, 'same', 'd')));
      expect(made.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(made.map(({ revision }) => revision.id)).size).toBe(1);
    });

    test('labels follow the newest manifest', async () => {
      await deployRevision(store, tenant, 'labelled', 'd1');
      const manifest = sampleManifest('labelled', { 'team.name': 'shop' });
      await store.createRevision({ tenant, manifest, digest: 'd2', codeDigest: 'c', codeKind: 'layer' });
      expect((await store.findFunction(tenant, 'labelled'))?.labels).toEqual({ 'team.name': 'shop' });
    });

    test('a revision has a state, the newest is listed first, and an unknown one is said so', async () => {
      const { function: owner, revision } = await deployRevision(store, tenant);
      await deployRevision(store, tenant);
      await store.setRevisionState(revision.id, 'failed', 'it threw');
      expect(await store.findRevision(owner.id, 1)).toMatchObject({ state: 'failed', error: 'it threw' });
      await store.setRevisionState(revision.id, 'ready', null);
      expect((await store.revisions(owner.id)).map(({ number, state, error }) => [number, state, error])).toEqual([
        [2, 'pending', null],
        [1, 'ready', null],
      ]);
      expect(await store.findRevision(owner.id, 9)).toBeNull();
      await expect(store.setRevisionState('absent', 'ready')).rejects.toMatchObject({ code: 'not_found' });
    });

    test('a function of an unknown tenant is refused', async () => {
      await expect(deployRevision(store, 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    });

    test('a deleted name is free at once, and its old rows can still be read', async () => {
      const old = await deployRevision(store, tenant, 'phoenix', 'd1');
      expect(await store.deleteFunction(tenant, 'phoenix')).toBe(true);
      expect(await store.deleteFunction(tenant, 'phoenix')).toBe(false);
      expect(await store.findFunction(tenant, 'phoenix')).toBeNull();
      expect((await store.revisions(old.function.id)).map(({ state }) => state)).toEqual(['retired']);
      const reborn = await deployRevision(store, tenant, 'phoenix', 'd1');
      expect(reborn).toMatchObject({ created: true, revision: { number: 1 } });
      expect(reborn.function.id).not.toBe(old.function.id);
    });

    test('functions are listed by name, page by page, each once', async () => {
      for (const name of ['c', 'a', 'e', 'b', 'd']) await deployRevision(store, tenant, name);
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<Store['functions']>> = await store.functions(tenant, { limit: 2, cursor });
        expect(page.items.length).toBeLessThanOrEqual(2);
        seen.push(...page.items.map(({ name }) => name));
        cursor = page.next;
      } while (cursor !== null);
      expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
      for (const bad of ['%%%', Buffer.from('{"a":1}').toString('base64url'), '']) {
        await expect(store.functions(tenant, { cursor: bad })).rejects.toMatchObject({ code: 'invalid_argument' });
      }
    });
  });

  describe('aliases and routes', () => {
    test('an alias changes only from the generation that was read', async () => {
      const { function: owner } = await deployRevision(store, tenant);
      await deployRevision(store, tenant);
      const made = await store.setAlias(owner.id, 'live', [{ revision: 1, weight: 100 }], 0);
      expect(made).toMatchObject({ functionId: owner.id, name: 'live', generation: 1 });
      const stale = store.setAlias(owner.id, 'live', [{ revision: 2, weight: 100 }], 0);
      await expect(stale).rejects.toMatchObject({ code: 'precondition_failed' });
      const canary = [
        { revision: 1, weight: 90 },
        { revision: 2, weight: 10 },
      ];
      expect(await store.setAlias(owner.id, 'live', canary, 1)).toMatchObject({ generation: 2, weights: canary });
      const late = store.setAlias(owner.id, 'live', [{ revision: 1, weight: 100 }], 1);
      await expect(late).rejects.toMatchObject({ code: 'precondition_failed' });
      expect(await store.setAlias(owner.id, 'live', [{ revision: 2, weight: 100 }])).toMatchObject({ generation: 3 });
      expect(await store.aliases(owner.id)).toMatchObject([{ name: 'live', generation: 3 }]);
      expect(await store.deleteAlias(owner.id, 'live')).toBe(true);
      expect(await store.deleteAlias(owner.id, 'live')).toBe(false);
    });

    test('weights must sum to 100 over revisions that exist', async () => {
      const { function: owner } = await deployRevision(store, tenant);
      const set = (...weights: { revision: number; weight: number }[]) => store.setAlias(owner.id, 'live', weights);
      await expect(set({ revision: 1, weight: 99 })).rejects.toMatchObject({ code: 'invalid_argument' });
      await expect(set()).rejects.toMatchObject({ code: 'invalid_argument' });
      await expect(set({ revision: 7, weight: 100 })).rejects.toMatchObject({ code: 'not_found' });
      expect(await store.aliases(owner.id)).toEqual([]);
    });

    test('routes hold live functions with the revisions that aliases point at', async () => {
      const { function: owner } = await deployRevision(store, tenant, 'routed');
      await deployRevision(store, tenant, 'routed');
      const last = await deployRevision(store, tenant, 'routed');
      await deployRevision(store, tenant, 'gone');
      await store.deleteFunction(tenant, 'gone');
      await store.setAlias(owner.id, 'live', [{ revision: 3, weight: 100 }]);
      await store.setAlias(owner.id, 'old', [{ revision: 1, weight: 100 }]);
      const { function: other } = await deployRevision(store, tenant, 'other');
      await store.setAlias(other.id, 'live', [{ revision: 1, weight: 100 }]);
      const both = (await store.aliases(owner.id, other.id)).map(({ functionId, name }) => [functionId, name]);
      expect(both.sort()).toEqual(
        [
          [owner.id, 'live'],
          [owner.id, 'old'],
          [other.id, 'live'],
        ].sort(),
      );
      expect(await store.aliases()).toEqual([]);
      await store.deleteFunction(tenant, 'other');
      const mine = (await store.routes()).functions.filter((route) => route.tenant === tenant);
      expect(mine).toMatchObject([{ functionId: owner.id, name: 'routed' }]);
      expect(mine[0]?.aliases.map(({ name }) => name)).toEqual(['live', 'old']);
      expect(mine[0]?.revisions.map(({ number }) => number)).toEqual([1, 3]);
      expect(mine[0]?.revisions[1]).toEqual(last.revision);
    });
  });

  describe('deployments and checkpoints', () => {
    const deployment = (id: string, revision = 1) =>
      store.createDeployment({ id, tenant, function: 'hello', revision, workflowId: `deploy/${id}` });

    test('a deployment tells its step and its end', async () => {
      const id = randomUUID();
      expect(await deployment(id)).toMatchObject({ id, state: 'running', error: null, endedAt: null });
      await expect(deployment(id)).rejects.toMatchObject({ code: 'conflict' });
      await store.updateDeployment(id, { step: 'checkpoint' });
      expect(await store.findDeployment(tenant, id)).toMatchObject({ step: 'checkpoint', endedAt: null });
      await store.updateDeployment(id, { state: 'failed', error: 'no luck' });
      const ended = await store.findDeployment(tenant, id);
      expect(ended).toMatchObject({ state: 'failed', step: 'checkpoint', error: 'no luck' });
      expect(ended?.endedAt).toBeInstanceOf(Date);
      expect(await store.findDeployment('someone-else', id)).toBeNull();
      await expect(store.updateDeployment('absent', { step: 'x' })).rejects.toMatchObject({ code: 'not_found' });
    });

    test('deployments are listed newest first and by what is asked', async () => {
      const ids = [randomUUID(), randomUUID(), randomUUID()];
      for (const [index, id] of ids.entries()) await deployment(id, index + 1);
      await store.updateDeployment(ids[1] ?? '', { state: 'succeeded' });
      const all = await store.deployments({ tenant, limit: 2 });
      const rest = await store.deployments({ tenant, limit: 2, cursor: all.next });
      expect(new Set([...all.items, ...rest.items].map(({ id }) => id))).toEqual(new Set(ids));
      expect(rest.next).toBeNull();
      const times = [...all.items, ...rest.items].map(({ createdAt }) => createdAt.getTime());
      expect(times).toEqual([...times].sort((a, b) => b - a));
      expect((await store.deployments({ tenant, state: 'succeeded' })).items.map(({ id }) => id)).toEqual([ids[1]]);
      expect((await store.deployments({ tenant, revision: 3 })).items.map(({ id }) => id)).toEqual([ids[2]]);
      expect((await store.deployments({ tenant, function: 'other' })).items).toEqual([]);
    });

    test('a checkpoint goes from making to its end, and is found by any of its sides', async () => {
      const { revision } = await deployRevision(store, tenant);
      const id = randomUUID();
      const made = await store.createCheckpoint({
        id,
        tenant,
        function: 'hello',
        revisionId: revision.id,
        revision: 1,
        node: 'edge-1',
        hostKey: 'h',
      });
      expect(made).toMatchObject({ state: 'making', rawBytes: 0, sealedBytes: 0, failures: 0, digest: null });
      await store.updateCheckpoint(id, { state: 'ready', rawBytes: 6_000_000_000, digest: 'sha256:x', pauseMs: 31.5 });
      const found = await store.checkpoints({ revisionId: revision.id, states: ['ready'] });
      expect(found).toMatchObject([{ id, rawBytes: 6_000_000_000, pauseMs: 31.5, digest: 'sha256:x' }]);
      expect(await store.checkpoints({ tenant, function: 'hello', node: 'edge-1' })).toHaveLength(1);
      expect(await store.checkpoints({ tenant, node: 'edge-2' })).toEqual([]);
      expect(await store.checkpoints({ tenant, states: [] })).toEqual([]);
      await expect(store.updateCheckpoint('absent', { failures: 1 })).rejects.toMatchObject({ code: 'not_found' });
    });
  });
}
