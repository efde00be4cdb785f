import fc from 'fast-check';
import { poolFloor, poolPlan, type PooledInstance, type PoolSnapshot } from '../../../core/agent/pool-plan';

const NOW = 1_000_000;
const base: PoolSnapshot = {
  now: NOW,
  instances: [],
  starting: 0,
  min: 0,
  max: 10,
  keepAliveMs: 60_000,
  target: null,
  canFreeze: true,
};
const instance = (id: string, state: PooledInstance['state'], idleMs = 0, heldMs = 0): PooledInstance => ({
  id,
  state,
  idleSince: NOW - idleMs,
  heldUntil: heldMs === 0 ? 0 : NOW + heldMs,
});
const target = (running: number, frozen: number, ...keepAliveMs: number[]) => ({
  steps: [{ at: NOW - 5, running, frozen }],
  keepAliveMs: keepAliveMs.length > 0 ? keepAliveMs : [60_000],
  expectedRate: 1,
  validUntil: NOW + 90_000,
});

const snapshots = fc.record<PoolSnapshot>({
  now: fc.constant(NOW),
  instances: fc.uniqueArray(
    fc.record<PooledInstance>({
      id: fc.string({ minLength: 1, maxLength: 3 }),
      state: fc.constantFrom('leased', 'idle', 'freezing', 'frozen'),
      idleSince: fc.integer({ min: NOW - 200, max: NOW }),
      heldUntil: fc.constantFrom(0, 0, NOW + 50),
    }),
    { selector: (item) => item.id, maxLength: 8 },
  ),
  starting: fc.nat(2),
  min: fc.nat(3),
  max: fc.integer({ min: 3, max: 8 }),
  keepAliveMs: fc.nat(200),
  target: fc.option(
    fc.record({
      steps: fc
        .uniqueArray(
          fc.record({ at: fc.integer({ min: NOW - 100, max: NOW + 100 }), running: fc.nat(4), frozen: fc.nat(4) }),
          { selector: ({ at }) => at, maxLength: 4 },
        )
        .map((steps) => steps.sort((a, b) => a.at - b.at)),
      keepAliveMs: fc.array(fc.nat(200), { maxLength: 4 }).map((times) => times.sort((a, b) => b - a)),
      expectedRate: fc.constant(0),
      validUntil: fc.integer({ min: NOW - 10, max: NOW + 100 }),
    }),
  ),
  canFreeze: fc.boolean(),
});

/** The pool after its plan was carried out, nothing else having happened. */
function apply(snapshot: PoolSnapshot): PoolSnapshot {
  const plan = poolPlan(snapshot);
  const kept = snapshot.instances.filter((item) => !plan.end.includes(item.id));
  const state = (item: PooledInstance): PooledInstance['state'] =>
    plan.freeze.includes(item.id) ? 'frozen' : plan.thaw.includes(item.id) ? 'idle' : item.state;
  return {
    ...snapshot,
    instances: kept.map((item) => ({ ...item, state: state(item) })),
    starting: snapshot.starting + plan.start,
  };
}

describe('poolPlan', () => {
  it('freezes an idle instance at once and ends it after its keep-alive', () => {
    const fresh = poolPlan({ ...base, instances: [instance('a', 'idle')] });
    expect(fresh).toMatchObject({ freeze: ['a'], end: [], nextAt: NOW + 60_000 });
    const old = poolPlan({ ...base, instances: [instance('a', 'frozen', 60_000)] });
    expect(old).toMatchObject({ freeze: [], end: ['a'], nextAt: null });
  });

  it('keeps the declared minimum, oldest ones ending first', () => {
    const instances = [instance('old', 'frozen', 90_000), instance('older', 'frozen', 99_000)];
    expect(poolPlan({ ...base, min: 1, instances }).end).toEqual(['older']);
    expect(poolPlan({ ...base, min: 2, instances }).end).toEqual([]);
    expect(poolPlan({ ...base, min: 2 }).start).toBe(2);
  });

  it('follows a target while it is valid: keeps running what it asks for, pre-starts the rest', () => {
    const plan = poolPlan({
      ...base,
      instances: [instance('a', 'idle'), instance('b', 'idle', 5)],
      target: target(1, 2),
    });
    expect(plan).toMatchObject({ freeze: ['b'], thaw: [], start: 1, nextAt: NOW + 90_000 });
    const late = { ...target(1, 2), validUntil: NOW };
    expect(poolPlan({ ...base, instances: [instance('a', 'idle')], target: late })).toMatchObject({
      freeze: ['a'],
      start: 0,
    });
  });

  it('goes from step to step of a target, and is ready before the next one', () => {
    const steps = [
      { at: NOW - 100, running: 0, frozen: 0 },
      { at: NOW + 500, running: 0, frozen: 2 },
    ];
    const stepped = { ...target(0, 0), steps };
    expect(poolPlan({ ...base, target: stepped })).toMatchObject({ start: 0, nextAt: NOW + 500 });
    expect(poolPlan({ ...base, now: NOW + 500, target: stepped })).toMatchObject({ start: 2, nextAt: NOW + 90_000 });
  });

  it('lets an instance rest by its place: those in use come before the others, the last used first', () => {
    const instances = [instance('old', 'frozen', 30_000), instance('new', 'frozen', 20_000), instance('a', 'leased')];
    const plan = poolPlan({ ...base, instances, target: target(0, 0, 600_000, 60_000, 25_000) });
    expect(plan).toMatchObject({ end: ['old'], nextAt: NOW + 40_000 });
    expect(poolPlan({ ...base, instances, target: { ...target(0, 0), keepAliveMs: [] } }).end).toEqual([]);
  });

  it('thaws a frozen instance when more are to run', () => {
    const instances = [instance('a', 'frozen', 10), instance('b', 'frozen', 5), instance('c', 'leased')];
    expect(poolPlan({ ...base, instances, target: target(2, 1) }).thaw).toEqual(['b']);
  });

  it('leaves an instance alone that waits for its checkpoint', () => {
    const plan = poolPlan({ ...base, keepAliveMs: 0, instances: [instance('a', 'idle', 10, 500)] });
    expect(plan).toMatchObject({ freeze: [], end: [], nextAt: NOW + 500 });
  });

  it('never ends below the floor, never plans over the maximum, and is empty once carried out', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const plan = poolPlan(snapshot);
        const live = snapshot.instances.length + snapshot.starting;
        const after = apply(snapshot);
        const again = poolPlan(after);
        const acted = [...plan.freeze, ...plan.thaw, ...plan.end];
        expect(new Set(acted).size).toBe(acted.length);
        expect(live - plan.end.length).toBeGreaterThanOrEqual(Math.min(live, poolFloor(snapshot)));
        expect(plan.start === 0 || live + plan.start <= snapshot.max).toBe(true);
        expect({ ...again, nextAt: null }).toEqual({ freeze: [], thaw: [], end: [], start: 0, nextAt: null });
        expect(plan.nextAt === null || plan.nextAt > snapshot.now).toBe(true);
      }),
    );
  });

  it('does nothing before nextAt', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const after = apply(snapshot);
        const { nextAt } = poolPlan(after);
        const settled = { ...after, now: nextAt === null ? NOW + 10_000 : nextAt - 1 };
        expect({ ...poolPlan(settled), nextAt: null }).toEqual({
          freeze: [],
          thaw: [],
          end: [],
          start: 0,
          nextAt: null,
        });
      }),
    );
  });
});
