import { randomUUID } from 'node:crypto';
import type { Store } from '../../../drivers/store/store';
import { deployRevision } from './sample-records';

const refused = { code: 'precondition_failed' };
const on = (...nodes: [node: string, weight: number][]) => nodes.map(([node, weight]) => ({ node, weight }));

export function describePlacements(current: () => Store): void {
  const made = async (): Promise<{ tenant: string; functionId: string }> => {
    const tenant = `t-${randomUUID().slice(0, 8)}`;
    await current().ensureTenant(tenant);
    const { function: fn } = await deployRevision(current(), tenant);
    return { tenant, functionId: fn.id };
  };

  describe('placements', () => {
    it('are changed only by who has seen the last change', async () => {
      const store = current();
      const { functionId } = await made();
      expect(await store.placementOf(functionId)).toBeNull();
      const first = await store.setPlacement(functionId, on(['a', 100]), { ifGeneration: 0 });
      expect(first).toMatchObject({ functionId, generation: 1, nodes: on(['a', 100]), fence: null });
      await expect(store.setPlacement(functionId, on(['b', 100]), { ifGeneration: 0 })).rejects.toMatchObject(refused);
      const next = on(['a', 60], ['b', 40]);
      const tries = await Promise.allSettled(
        Array.from({ length: 4 }, () => store.setPlacement(functionId, next, { ifGeneration: 1, fence: 'w/1' })),
      );
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store.placementOf(functionId)).toMatchObject({ generation: 2, nodes: next, fence: 'w/1' });
    });

    it('are left alone by others as long as somebody holds a fence', async () => {
      const store = current();
      const { functionId } = await made();
      await store.setPlacement(functionId, on(['a', 100]));
      await store.setPlacement(functionId, on(['a', 50], ['b', 50]), { ifGeneration: 1, fence: 'w/1' });
      await expect(store.setPlacement(functionId, on(['c', 100]))).rejects.toMatchObject(refused);
      await store.setPlacement(functionId, on(['b', 100]), { ifGeneration: 2 });
      expect(await store.setPlacement(functionId, on(['c', 100]))).toMatchObject({ generation: 4, fence: null });
    });

    it('are refused when they are none, and for functions that are gone', async () => {
      const store = current();
      const { functionId, tenant } = await made();
      const invalid = { code: 'invalid_argument' };
      await expect(store.setPlacement(functionId, on(['a', 60]))).rejects.toMatchObject(invalid);
      await expect(store.setPlacement(functionId, on(['a', 50], ['a', 50]))).rejects.toMatchObject(invalid);
      await store.setPlacement(functionId, on(['a', 100]));
      await store.deleteFunction(tenant, 'hello');
      await expect(store.setPlacement(functionId, on(['b', 100]))).rejects.toMatchObject({ code: 'not_found' });
    });

    it('are part of the routes, which are told of a change', async () => {
      const store = current();
      const { functionId, tenant } = await made();
      const told = new Promise<string>((resolve) => {
        void store.subscribe('routes', (payload) => payload.startsWith(tenant) && resolve(payload));
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
      await store.setPlacement(functionId, on(['a', 100]));
      expect(await told).toBe(`${tenant}/hello`);
      const route = (await store.routes()).functions.find((fn) => fn.functionId === functionId);
      expect(route?.placement).toMatchObject({ generation: 1, nodes: on(['a', 100]) });
    });
  });

  describe('migrations', () => {
    const sample = (tenant: string, change: object = {}) => ({
      id: randomUUID(),
      tenant,
      function: 'hello',
      from: null,
      to: 'b',
      reason: 'person' as const,
      workflowId: `migrate/${tenant}/hello`,
      ...change,
    });

    it('are kept with their phases, end once, and stay as they ended', async () => {
      const store = current();
      const { tenant } = await made();
      const made1 = await store.createMigration(sample(tenant));
      expect(made1).toMatchObject({ state: 'running', phases: [], error: null, endedAt: null });
      await expect(store.createMigration(made1)).rejects.toMatchObject({ code: 'conflict' });
      const phases = [{ step: 'check', startedAt: '2026-01-01T00:00:00.000Z', endedAt: null, note: 'fine' }];
      await store.updateMigration(made1.id, { from: 'a', phases });
      expect(await store.findMigration(tenant, made1.id)).toMatchObject({ from: 'a', phases, endedAt: null });
      await store.updateMigration(made1.id, { state: 'rolled-back', error: 'no' });
      await store.updateMigration(made1.id, { state: 'completed', error: null });
      const found = await store.findMigration(tenant, made1.id);
      expect(found).toMatchObject({ state: 'rolled-back', error: 'no', endedAt: expect.any(Date) as Date });
      expect(await store.findMigration('another', made1.id)).toBeNull();
      await expect(store.updateMigration('nothing', {})).rejects.toMatchObject({ code: 'not_found' });
    });

    it('are listed, the newest first, page by page, and counted by how they ended', async () => {
      const store = current();
      const { tenant } = await made();
      const ids: string[] = [];
      for (const name of ['hello', 'hello', 'other']) {
        ids.unshift((await store.createMigration(sample(tenant, { function: name }))).id);
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
      const first = await store.migrations({ tenant, limit: 2 });
      const rest = await store.migrations({ tenant, limit: 2, cursor: first.next });
      expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(ids);
      expect((await store.migrations({ tenant, function: 'other' })).items).toHaveLength(1);
      const count = async (): Promise<number> =>
        (await store.migrationFigures()).find(({ outcome }) => outcome === 'refused')?.count ?? 0;
      const before = await count();
      await store.updateMigration(ids[0] ?? '', { state: 'refused' });
      expect(await count()).toBe(before + 1);
      // One that has ended ends no second time.
      await store.updateMigration(ids[0] ?? '', { state: 'completed' });
      expect(await count()).toBe(before + 1);
      const figures = (await store.migrationFigures()).find(({ outcome }) => outcome === 'refused');
      expect(figures?.buckets.at(-1)).toBe(figures?.count);
      expect((await store.migrations({ tenant, state: 'running' })).items).toHaveLength(2);
    });
  });
}
