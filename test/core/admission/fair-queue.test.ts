import fc from 'fast-check';
import { FairQueue, type Flow } from '../../../core/admission/fair-queue';
import type { Share } from '../../../core/admission/share';

const even: Share = { weight: 1, max: Number.POSITIVE_INFINITY, reserved: 0 };

/** A queue, and who holds its places. */
function setUp(limit: number, shares: Readonly<Record<string, Partial<Share>>> = {}) {
  const queue = new FairQueue<string>(limit, (tenant) => ({ ...even, ...shares[tenant] }));
  const held: Flow<string>[] = [];
  const admit = (): void => {
    for (let next = queue.next(); next; next = queue.next()) held.push(next.flow);
  };
  return {
    queue,
    held,
    /** True when it got a place at once. */
    arrive(tenant: string, name = 'f', share: Partial<Share> = {}): boolean {
      const flow = queue.flow(tenant, `${tenant}/${name}`, sharesOf(tenant, name, share));
      const entered = queue.tryEnter(flow);
      if (entered) held.push(flow);
      else queue.enqueue(flow, `${tenant}/${name}`, 0);
      return entered;
    },
    /** The nth of those in flight is over. */
    leave(index: number): void {
      const [flow] = held.splice(index, 1);
      if (!flow) throw new Error('nobody is in flight');
      queue.leave(flow);
      admit();
    },
    count: (tenant: string) => held.filter((flow) => flow.tenant.name === tenant).length,
  };
}

/** The same object for the same share, as routes have it. */
const known = new Map<string, Share>();
function sharesOf(tenant: string, name: string, share: Partial<Share>): Share {
  const key = JSON.stringify([tenant, name, share]);
  const found = known.get(key) ?? { ...even, ...share };
  known.set(key, found);
  return found;
}

test('who finds a place has it at once, who finds none waits for the next', () => {
  const { queue, arrive, leave, held } = setUp(1);
  expect(arrive('a')).toBe(true);
  expect(arrive('a')).toBe(false);
  expect([queue.inFlight, queue.waiting]).toEqual([1, 1]);
  leave(0);
  expect([queue.inFlight, queue.waiting]).toEqual([1, 0]);
  expect(held).toHaveLength(1);
});

test('a tenant that comes late gets its half as places come free, though the other waits with hundreds', () => {
  const { arrive, leave, count } = setUp(10);
  for (let i = 0; i < 300; i++) arrive('hog');
  for (let i = 0; i < 20; i++) arrive('late');
  for (let i = 0; i < 5; i++) leave(0);
  expect([count('hog'), count('late')]).toEqual([5, 5]);
});

test('long requests do not buy a tenant more places than short ones', () => {
  const { arrive, leave, count, held } = setUp(4);
  for (let i = 0; i < 100; i++) arrive('long');
  for (let i = 0; i < 100; i++) arrive('short');
  leave(0);
  leave(0);
  // From here on only the short ones end.
  for (let i = 0; i < 50; i++) leave(held.findIndex((flow) => flow.tenant.name === 'short'));
  expect([count('long'), count('short')]).toEqual([2, 2]);
});

test('one place goes round by weight', () => {
  const { arrive, leave, held } = setUp(1, { heavy: { weight: 3 } });
  for (let i = 0; i < 100; i++) arrive('heavy');
  for (let i = 0; i < 100; i++) arrive('light');
  const served: string[] = [];
  for (let i = 0; i < 40; i++) {
    leave(0);
    served.push(held[0]?.tenant.name ?? '');
  }
  const light = served.filter((name) => name === 'light').length;
  expect(light).toBeGreaterThanOrEqual(9);
  expect(light).toBeLessThanOrEqual(11);
});

test('functions of one tenant share its places as tenants share the gateway’s', () => {
  const { arrive, leave, held } = setUp(4);
  for (let i = 0; i < 50; i++) arrive('a', 'busy');
  for (let i = 0; i < 50; i++) arrive('a', 'quiet');
  leave(0);
  leave(0);
  expect(held.map((flow) => flow.name).sort()).toEqual(['a/busy', 'a/busy', 'a/quiet', 'a/quiet']);
});

test('a cap holds though places are free, and holds nobody else up', () => {
  const { arrive, queue } = setUp(10, { small: { max: 2 } });
  expect([1, 2, 3].map(() => arrive('small'))).toEqual([true, true, false]);
  expect([1, 2].map(() => arrive('b', 'one', { max: 1 }))).toEqual([true, false]);
  expect(arrive('b', 'two')).toBe(true);
  expect([queue.inFlight, queue.waiting]).toEqual([4, 2]);
});

test('reserved places stay free for who has them, and are given to it at once', () => {
  const { arrive, queue } = setUp(4, { vip: { reserved: 2 } });
  queue.entitle(['vip']);
  expect([1, 2, 3].map(() => arrive('a'))).toEqual([true, true, false]);
  expect([1, 2, 3].map(() => arrive('vip'))).toEqual([true, true, false]);
});

test('reservations cannot shut everybody else out', () => {
  const { arrive, queue } = setUp(4, { vip: { reserved: 100 } });
  queue.entitle(['vip']);
  expect(arrive('a')).toBe(true);
  expect(arrive('a')).toBe(false);
});

test('a function’s reservation is kept against its tenant’s other functions, and ends with the function', () => {
  const { arrive, queue, leave } = setUp(4);
  queue.flow('a', 'a/kept', sharesOf('a', 'kept', { reserved: 2 }));
  expect([1, 2, 3].map(() => arrive('a', 'other'))).toEqual([true, true, false]);
  queue.tidy(new Set());
  leave(0);
  expect([arrive('a', 'other'), arrive('a', 'other')]).toEqual([true, true]);
});

test('the newest of the longest line gives way, never one who waits for less', () => {
  const { arrive, queue } = setUp(1, { heavy: { weight: 100 } });
  arrive('a');
  for (let i = 0; i < 3; i++) arrive('a', 'one');
  arrive('a', 'two');
  arrive('b');
  const [own, other] = [queue.flow('a', 'a/one', even), queue.flow('b', 'b/f', even)];
  expect(queue.yielding(other)?.name).toBe('a/one');
  expect(queue.yielding(own)).toBeUndefined();
  expect(queue.yielding(queue.flow('a', 'a/two', even))?.name).toBe('a/one');
  const heavy = queue.flow('heavy', 'heavy/f', even);
  for (let i = 0; i < 50; i++) queue.enqueue(heavy, 'heavy', 0);
  expect(queue.yielding(other)?.name).toBe('a/one');
});

type Step = { readonly tenant: number; readonly fn: number } | { readonly leave: number };
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ tenant: fc.nat(3), fn: fc.nat(1) }) },
    { weight: 2, arbitrary: fc.record({ leave: fc.nat(100) }) },
  ),
  { maxLength: 200 },
) as fc.Arbitrary<Step[]>;
const someShare = fc.record({
  weight: fc.integer({ min: 1, max: 4 }),
  max: fc.integer({ min: 1, max: 8 }),
  reserved: fc.nat(3),
});

test('counts add up, limits hold, and no place is free for anyone who waits', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.array(someShare, { minLength: 4, maxLength: 4 }),
      steps,
      (limit, shares, all) => {
        const { queue, held, arrive, leave, count } = setUp(
          limit,
          Object.fromEntries(shares.map((share, i) => [`t${i}`, share])),
        );
        const fnShare = { max: 5, reserved: 1 };
        let arrived = 0;
        let left = 0;
        for (const step of all) {
          if ('leave' in step) {
            if (held.length === 0) continue;
            leave(step.leave % held.length);
            left++;
          } else {
            arrive(`t${step.tenant}`, `f${step.fn}`, fnShare);
            arrived++;
          }
          expect(queue.inFlight).toBe(held.length);
          expect(queue.inFlight + queue.waiting).toBe(arrived - left);
          expect(queue.inFlight).toBeLessThanOrEqual(limit);
          shares.forEach((share, i) => expect(count(`t${i}`)).toBeLessThanOrEqual(share.max));
          expect(queue.next()).toBeUndefined();
        }
        while (held.length > 0) leave(0);
        // Nobody is left behind: whoever waited has been served.
        expect([queue.inFlight, queue.waiting]).toEqual([0, 0]);
      },
    ),
  );
});

test('of tenants that always have more to do each holds its share of the places, by weight', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.nat(1_000), { minLength: 100, maxLength: 200 }),
      (weights, limit, ends) => {
        const shares = Object.fromEntries(weights.map((weight, i) => [`t${i}`, { weight }]));
        const { arrive, leave, count, held } = setUp(limit, shares);
        weights.forEach((_, i) => Array.from({ length: 600 }, () => arrive(`t${i}`)));
        // Every place has changed hands once: what the first comer took before others came is given back.
        for (let i = 0; i < limit; i++) leave(0);
        for (const end of ends) leave(end % held.length);
        const loads = weights.map((weight, i) => count(`t${i}`) / weight);
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1 + 1e-9);
      },
    ),
  );
});

test('who holds nothing waits for no more places to come free than there are others who wait', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.nat(2), { minLength: 20, maxLength: 60 }),
      fc.array(fc.tuple(fc.nat(100), fc.nat(2)), { minLength: 4, maxLength: 4 }),
      (limit, before, after) => {
        const { arrive, leave, count, held } = setUp(limit);
        before.forEach((tenant) => arrive(`t${tenant}`));
        arrive('newcomer');
        let freed = 0;
        for (const [index, tenant] of after) {
          if (count('newcomer') > 0) break;
          leave(index % held.length);
          freed++;
          arrive(`t${tenant}`);
        }
        expect([count('newcomer'), freed <= 4]).toEqual([1, true]);
      },
    ),
  );
});
