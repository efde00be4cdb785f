import type { Store } from '../../../drivers/store/store';
import { deployRevision, newTenant, sampleEvent, sampleLog } from './sample-records';

/** Collects payloads and waits for one; jest's own deadline ends a wait in vain. */
export function noticeBox() {
  const payloads: string[] = [];
  const waiting: { wanted: string; resolve: () => void }[] = [];
  return {
    payloads,
    listener: (payload: string): void => {
      payloads.push(payload);
      for (const waiter of waiting) if (waiter.wanted === payload) waiter.resolve();
    },
    /** Resolves once `wanted` has come, now or since the last `clear`. */
    has: (wanted: string): Promise<void> =>
      payloads.includes(wanted) ? Promise.resolve() : new Promise((resolve) => waiting.push({ wanted, resolve })),
    clear: (): void => void payloads.splice(0),
  };
}

/** What subscribers are told. */
export function describeNotices(current: () => Store): void {
  describe('subscriptions', () => {
    test('every change of what is routed is told', async () => {
      const store = current();
      const tenant = await newTenant(store);
      const box = noticeBox();
      const unsubscribe = await store.subscribe('routes', box.listener);
      const told = async (change: Promise<unknown>): Promise<void> => {
        await change;
        await box.has(`${tenant}/hello`);
        box.clear();
      };
      const { function: owner, revision } = await deployRevision(store, tenant);
      await box.has(`${tenant}/hello`);
      box.clear();
      await told(store.setRevisionState(revision.id, 'ready'));
      await told(store.setAlias(owner.id, 'live', [{ revision: 1, weight: 100 }]));
      await told(store.deleteAlias(owner.id, 'live'));
      await told(store.deleteFunction(tenant, 'hello'));
      await unsubscribe();
    });

    test('every change of limits is told', async () => {
      const store = current();
      const tenant = await newTenant(store);
      const box = noticeBox();
      const unsubscribe = await store.subscribe('limits', box.listener);
      await store.putLimits(tenant, null, { maxInFlight: 1 });
      await box.has(tenant);
      box.clear();
      await store.deleteLimits(tenant, null);
      await box.has(tenant);
      await unsubscribe();
    });

    test('events and logs tell whose they are', async () => {
      const store = current();
      const tenant = await newTenant(store);
      const events = noticeBox();
      const logs = noticeBox();
      const unsubscribe = [
        await store.subscribe('events', events.listener),
        await store.subscribe('logs', logs.listener),
      ];
      await store.writeEvents([sampleEvent({ tenant }), sampleEvent({ tenant: null })]);
      await store.writeLogs([sampleLog({ tenant }), sampleLog({ tenant, function: 'other' }), sampleLog({ tenant })]);
      await Promise.all([
        events.has(tenant),
        events.has('*'),
        logs.has(`${tenant}/hello`),
        logs.has(`${tenant}/other`),
      ]);
      expect(logs.payloads.filter((payload) => payload === `${tenant}/hello`)).toHaveLength(1);
      for (const end of unsubscribe) await end();
    });

    test('one who has unsubscribed hears no more, others do', async () => {
      const store = current();
      const tenant = await newTenant(store);
      const [quitter, stayer] = [noticeBox(), noticeBox()];
      const quit = await store.subscribe('logs', quitter.listener);
      const end = await store.subscribe('logs', stayer.listener);
      await quit();
      await store.writeLogs([sampleLog({ tenant })]);
      await stayer.has(`${tenant}/hello`);
      expect(quitter.payloads).toEqual([]);
      await end();
    });

    test('a subscriber that throws does not disturb the others', async () => {
      const store = current();
      const tenant = await newTenant(store);
      const box = noticeBox();
      const bad = await store.subscribe('events', () => {
        throw new Error('a bug of a subscriber');
      });
      const end = await store.subscribe('events', box.listener);
      await store.writeEvents([sampleEvent({ tenant })]);
      await box.has(tenant);
      await bad();
      await end();
    });
  });
}
