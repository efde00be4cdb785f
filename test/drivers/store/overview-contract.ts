import { randomUUID } from 'node:crypto';
import type { Store } from '../../../drivers/store/store';
import { newTenant, packed, sampleInvocation } from './sample-records';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-03-04T05:00:00.000Z');

/** What a tenant's functions were called together. */
export function describeOverview(current: () => Store): void {
  describe('the overview', () => {
    let store: Store;
    let tenant: string;
    let [pay, cart] = ['', ''];
    const time = (minute: number) => new Date(START + minute * MINUTE_MS);
    const call = (minute: number, change: Parameters<typeof sampleInvocation>[0] = {}) =>
      sampleInvocation({ tenant, functionId: pay, at: time(minute), userRegion: 'eu', firstByteMs: 8, ...change });
    const cold = { kind: 'cold', cause: 'first' } as const;

    beforeEach(async () => {
      store = current();
      tenant = await newTenant(store);
      [pay, cart] = [`1-${randomUUID()}`, `2-${randomUUID()}`];
      await store.writeInvocations(
        packed([
          call(0, cold),
          call(1),
          call(4, {
            functionId: cart,
            status: 503,
            errorCode: 'capacity',
            kind: null,
            cause: null,
            node: null,
            instanceId: null,
          }),
          call(5, { functionId: cart, firstByteMs: 16 }),
          call(61, { userRegion: null, callerId: cart, caller: 'cart' }),
          // Nobody waits for it.
          call(62, { attempt: 1 }),
        ]),
      );
      await store.writeInvocations(packed([call(1, { tenant: await newTenant(store), functionId: randomUUID() })]));
    });

    test('sums all functions of the tenant by steps', async () => {
      const none = { hot: 0, warm: 0, restore: 0, cold: 0 };
      expect(await store.stepCounts({ tenant, from: time(0), to: time(60), stepMs: 5 * MINUTE_MS })).toEqual([
        { at: time(0), total: 3, errors: 1, byKind: { ...none, hot: 1, cold: 1 } },
        { at: time(5), total: 1, errors: 0, byKind: { ...none, hot: 1 } },
      ]);
      const rest = await store.stepCounts({ tenant, from: time(1), to: time(62), stepMs: MINUTE_MS });
      expect(rest.map(({ at, total }) => [(at.getTime() - START) / MINUTE_MS, total])).toEqual([
        [1, 1],
        [4, 1],
        [5, 1],
        [61, 1],
      ]);
    });

    test('has the waits of users and of functions that call, by the hour', async () => {
      expect(await store.latencyHours({ tenant, from: time(30), to: time(120) })).toEqual([
        { at: time(0), latencies: { '12': 2, '16': 1 } },
        { at: time(60), latencies: { '12': 1 } },
      ]);
      expect(await store.latencyHours({ tenant, from: time(60), to: time(120) })).toHaveLength(1);
      expect(await store.latencyHours({ tenant, from: time(-60), to: time(0) })).toEqual([]);
    });
  });
}
