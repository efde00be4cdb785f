import { randomUUID } from 'node:crypto';
import type { PlannedMove } from '../../../core/placement/compare-placements';
import type { PlacementPlan } from '../../../core/plan/placement-plan';
import type { PlacementDecision } from '../../../drivers/store/placement-decision-store';
import type { Store } from '../../../drivers/store/store';

const costs = { user: 3, data: 0, calls: 2, resources: 1.5, migration: 0 };

/** A plausible move of a function by its id. */
export function sampleMove(change: Partial<PlannedMove> = {}): PlannedMove {
  return {
    function: 'acme/pay',
    from: ['central-1'],
    to: ['edge-1'],
    savesPerHour: 2_000,
    costsOnce: 120,
    before: costs,
    after: { ...costs, user: 1 },
    forced: false,
    waitsFor: [],
    reason: 'acme/pay saves $0.002 an hour',
    ...change,
  };
}

/** A plan as the planner makes it, with what a test cares about. */
export function samplePlan(change: Partial<PlacementPlan> = {}): PlacementPlan {
  return {
    verdict: 'move',
    reason: '1 move(s)',
    solver: 'search',
    seed: 1,
    inputsDigest: 'd'.repeat(64),
    costs: { before: costs, after: { ...costs, user: 1 }, best: { ...costs, user: 1 } },
    moves: [sampleMove()],
    held: [],
    replicas: [],
    notes: ['edge-2 was never heard of'],
    assignment: [{ function: 'acme/pay', nodes: ['central-1'], costs, users: { meanMs: 12, p99Ms: 80 } }],
    ...change,
  };
}

export function sampleDecision(change: Partial<PlacementDecision> = {}): Omit<PlacementDecision, 'outcomes'> {
  return {
    id: randomUUID(),
    at: new Date(),
    tenant: null,
    workflowId: 'optimize-placement',
    dryRun: false,
    plan: samplePlan(),
    ...change,
  };
}

export function describePlacementDecisions(current: () => Store): void {
  describe('placement decisions', () => {
    let store: Store;
    beforeEach(() => {
      store = current();
    });
    const bare = { ...samplePlan(), assignment: [] };

    test('come back as they were written, once, and are told how their moves ended', async () => {
      const decision = sampleDecision({ tenant: 'acme', dryRun: true });
      await store.writePlacementDecision(decision);
      await store.writePlacementDecision({ ...decision, workflowId: 'another' });
      expect(await store.findPlacementDecision(decision.id)).toEqual({ ...decision, plan: bare, outcomes: null });
      const outcomes = [{ function: 'acme/pay', state: 'failed' as const, error: 'edge-1 is full' }];
      await store.notePlacementOutcomes(decision.id, outcomes);
      expect(await store.findPlacementDecision(decision.id)).toMatchObject({ outcomes });
      expect(await store.findPlacementDecision('absent')).toBeNull();
      await expect(store.notePlacementOutcomes('absent', [])).rejects.toMatchObject({ code: 'not_found' });
    });

    test('the newest that has an assignment keeps it', async () => {
      const [first, second] = [sampleDecision(), sampleDecision({ at: new Date(Date.now() + 1) })];
      await store.writePlacementDecision(first);
      await store.writePlacementDecision(second);
      await store.writePlacementDecision(sampleDecision({ plan: bare, at: new Date(Date.now() + 2) }));
      expect(await store.latestPlacementDecision()).toEqual({ ...second, outcomes: null });
    });

    test('are listed newest first, page by page, with or without those that move nothing', async () => {
      const at = (second: number) => new Date(Date.parse('2031-01-01T00:00:00Z') + second * 1000);
      const still = sampleDecision({ at: at(2), plan: samplePlan({ verdict: 'keep', moves: [] }) });
      const decisions = [sampleDecision({ at: at(1) }), still, sampleDecision({ at: at(3) })];
      for (const decision of decisions) await store.writePlacementDecision(decision);
      const [a, b, c] = decisions.map(({ id }) => id);
      const first = await store.placementDecisions({ limit: 2 });
      const second = await store.placementDecisions({ limit: 1, cursor: first.next });
      expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([c, b, a]);
      const moving = await store.placementDecisions({ limit: 2, movesOnly: true });
      expect(moving.items.map(({ id }) => id)).toEqual([c, a]);
    });

    test('figures add up', async () => {
      const before = await store.placementFigures();
      await store.addPlacementFigures({ plans: 1, planSeconds: 0.5 });
      await store.addPlacementFigures({ plans: 2 });
      const { plans, planSeconds } = await store.placementFigures();
      expect([plans - before.plans, planSeconds - before.planSeconds]).toEqual([3, 0.5]);
    });
  });
}
