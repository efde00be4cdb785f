import { randomUUID } from 'node:crypto';
import type { Store } from '../../../drivers/store/store';
import { newTenant, packed, sampleInvocation } from './sample-records';

const HOUR_MS = 3_600_000;
const START = Date.parse('2026-03-04T05:00:00.000Z');

/** Who calls what from where. */
export function describeTrafficMap(current: () => Store): void {
  describe('the traffic map', () => {
    let store: Store;
    let tenant: string;
    let [pay, cart] = ['', ''];
    beforeEach(async () => {
      store = current();
      tenant = await newTenant(store);
      [pay, cart] = [`1-${randomUUID()}`, `2-${randomUUID()}`];
    });

    const call = (minute: number, change: Parameters<typeof sampleInvocation>[0]) =>
      sampleInvocation({
        tenant,
        functionId: pay,
        at: new Date(START + minute * 60_000),
        bytesIn: 10,
        bytesOut: 100,
        firstByteMs: 8,
        ...change,
      });
    const map = (fromHour: number, toHour: number, functionId?: string) =>
      store.trafficMap({
        tenant,
        ...(functionId === undefined ? {} : { functionId }),
        from: new Date(START + fromHour * HOUR_MS),
        to: new Date(START + toHour * HOUR_MS),
      });

    test('sums users by region and calls by caller, and what was written twice counts once', async () => {
      const batch = [
        call(1, { userRegion: 'eu' }),
        call(2, { userRegion: 'eu', firstByteMs: 16 }),
        call(3, { userRegion: 'us', firstByteMs: null, totalMs: 4 }),
        call(4, { callerId: cart, caller: 'cart' }),
        // Nobody waits for it; it went all the same.
        call(5, { callerId: cart, caller: 'cart', attempt: 1 }),
        call(6, { functionId: cart, userRegion: 'eu' }),
        // Reached no instance.
        call(7, { userRegion: 'eu', node: null, instanceId: null, status: 503, errorCode: 'capacity' }),
        // Made by the platform itself.
        call(8, { attempt: 1 }),
      ];
      const [first, more] = [packed(batch.slice(0, 3)), packed(batch.slice(3))];
      const all = { blocks: [...first.blocks, ...more.blocks], rows: [...first.rows, ...more.rows] };
      for (const written of [first, all, all]) await store.writeInvocations(written);
      const eu = { tenant, functionId: pay, region: 'eu' };
      const one = { calls: 1, asyncCalls: 0, bytesIn: 10, bytesOut: 100, latencies: { 12: 1 } };
      const two = { calls: 2, asyncCalls: 0, bytesIn: 20, bytesOut: 200, latencies: { 12: 1, 16: 1 } };
      const edge = { tenant, callerId: cart, calleeId: pay };
      expect(await map(0, 1)).toEqual({
        users: [
          { ...eu, ...two },
          { ...eu, region: 'us', ...one, latencies: { 8: 1 } },
          { ...eu, functionId: cart, ...one },
        ],
        calls: [{ ...edge, calls: 1, asyncCalls: 1, bytesIn: 20, bytesOut: 200, latencies: { 12: 1 } }],
      });
      expect(await map(0, 1, cart)).toMatchObject({ users: [{ functionId: cart }], calls: [edge] });
      expect(await map(0, 1, pay)).toMatchObject({ users: [eu, { region: 'us' }], calls: [edge] });
    });

    test('takes the hours that a time touches', async () => {
      await store.writeInvocations(packed([-1, 30, 90, 150].map((minute) => call(minute, { userRegion: 'eu' }))));
      const calls = async (from: number, to: number) => (await map(from, to)).users[0]?.calls ?? 0;
      expect([await calls(0, 1), await calls(0.9, 2), await calls(-1, 3), await calls(4, 5)]).toEqual([1, 2, 4, 0]);
    });

    test('the load of a function is all that its calls took', async () => {
      await store.writeInvocations(
        packed([
          call(1, { executeMs: 10, cpuMicros: 4_000 }),
          call(2, { executeMs: 6, cpuMicros: null, attempt: 1 }),
          call(70, { executeMs: 100 }),
        ]),
      );
      const loads = await store.functionLoads({ from: new Date(START), to: new Date(START + HOUR_MS) });
      expect(loads.filter(({ functionId }) => functionId === pay)).toEqual([
        { functionId: pay, calls: 2, executeMs: 16, cpuMicros: 10_000 },
      ]);
    });

    test('an asynchronous try adds to what the hour has already', async () => {
      await store.writeInvocations(packed([call(1, { userRegion: 'eu' })]));
      await store.writeInvocations(packed([call(2, { userRegion: 'eu', attempt: 2, firstByteMs: 512 })]));
      const users = { calls: 1, asyncCalls: 1, bytesIn: 20, bytesOut: 200, latencies: { 12: 1 } };
      expect(await map(0, 1)).toMatchObject({ users: [users], calls: [] });
    });
  });
}
