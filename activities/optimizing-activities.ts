import type { HeldMove, PlannedMove } from '../core/placement/compare-placements';
import { PlatformError } from '../core/error/platform-error';
import { COST_TERMS, type CostTerm } from '../core/placement/placement-prices';
import { placementCaseOf } from '../core/plan/placement-case-of';
import type { PlacementPlan } from '../core/plan/placement-plan';
import { placementPolicySpecSchema, underPolicy } from '../core/plan/placement-policy';
import type { PlacementSettings } from '../core/plan/placement-settings';
import { unpaidMoves } from '../core/plan/within-budgets';
import type { MoveOutcome } from '../drivers/store/placement-decision-store';
import type { PlacedNode } from '../drivers/store/placement-store';
import type { ActivityDependencies } from './dependencies';
import { placementSnapshot } from './placement-snapshot';

/** Held moves that a run tells of; the decision has all. */
const TOLD_HELD = 20;
const SEED = 1;

/** Weights that count instead of the configured ones. */
type WeightChanges = { readonly [term in CostTerm]?: number | undefined };

export interface PlanInput {
  readonly planId: string;
  readonly workflowId: string;
  readonly tenant?: string | undefined;
  readonly dryRun: boolean;
  readonly scheduled: boolean;
  readonly maxMoves?: number | undefined;
  readonly threshold?: number | undefined;
  readonly weights?: WeightChanges | undefined;
  readonly seed?: number | undefined;
}

/** A plan as a workflow needs it: without what was only looked at. */
export interface PlannedPlacement extends Pick<PlacementPlan, 'verdict' | 'reason' | 'replicas' | 'notes'> {
  /** Under which it is kept; null where there was nothing to decide. */
  readonly planId: string | null;
  readonly costs: PlacementPlan['costs'] | null;
  readonly moves: readonly PlannedMove[];
  readonly held: readonly HeldMove[];
  /** Functions that move at the same time at most. */
  readonly atOnce: number;
}

/** Where the replicas of a function are, for whoever changes them. */
export interface ReplicaFacts {
  readonly functionId: string;
  readonly nodes: readonly PlacedNode[];
  readonly generation: number;
}

/** Decides where functions sit, and keeps what was decided. */
export function optimizingActivities(dependencies: ActivityDependencies) {
  const { store, cluster, planner, network: distances, now } = dependencies;
  const nothing = (reason: string): PlannedPlacement => ({
    planId: null,
    verdict: 'keep',
    reason,
    costs: null,
    moves: [],
    held: [],
    replicas: [],
    notes: [],
    atOnce: dependencies.placement.atOnce,
  });

  return {
    /** @throws PlatformError invalid_argument for a latency matrix with holes */
    async planPlacement(input: PlanInput): Promise<PlannedPlacement> {
      const { planId, workflowId, tenant = null, dryRun, weights } = input;
      const settings = await currentSettings();
      if (input.scheduled && !settings.enabled) return nothing('it is switched off: placement.enabled is false');
      const nodes = await cluster.nodes();
      const [only] = nodes;
      if (nodes.length < 2) return nothing(`there is one node, ${only?.name ?? 'or none'}: nothing to choose from`);
      const began = performance.now();
      const { snapshot, moving } = await placementSnapshot(dependencies, { distances, windowMs: settings.window });
      if (snapshot.latency.empty) {
        return nothing('nothing is known of distances: give round trips between regions in network.latency');
      }
      const prices = { ...settings, weights: { ...settings.weights, ...definedOnly(weights ?? {}) } };
      const { problem, notes } = placementCaseOf(snapshot, prices);
      if (problem.functions.length === 0 || problem.nodes.length < 2) {
        return nothing(
          problem.functions.length === 0 ? 'no function was called yet' : 'fewer than two nodes were ever heard of',
        );
      }
      const tiersOf = new Map(problem.functions.map(({ id, tiers }) => [id, tiers]));
      const unpaid = unpaidMoves(snapshot.functions, snapshot.nodes, (id) => tiersOf.get(id) ?? [], settings.prices);
      const movable = problem.functions
        .map(({ id }) => id)
        .filter((id) => !moving.includes(id) && (tenant === null || id.startsWith(`${tenant}/`)))
        .filter((id) => !unpaid.includes(id));
      const plan = await planner.plan({
        problem,
        notes: [
          ...notes,
          ...moving.map((id) => `${id} is being moved just now`),
          ...unpaid.map((id) => `${id} stays where it is: its budget leaves no money for a move`),
        ],
        movable,
        rules: {
          leastSaving: settings.leastSaving,
          leastShare: input.threshold ?? settings.threshold,
          restSeconds: settings.rest / 1000,
          restFactor: settings.restFactor,
          most: input.maxMoves ?? settings.maxMoves,
        },
        seed: input.seed ?? SEED,
      });
      // What other weights make of the present is no account of it.
      const kept = weights === undefined ? plan : { ...plan, assignment: [] };
      await store.writePlacementDecision({ id: planId, at: new Date(now()), tenant, workflowId, dryRun, plan: kept });
      await store.addPlacementFigures({
        plans: 1,
        infeasible: plan.verdict === 'infeasible' ? 1 : 0,
        planSeconds: (performance.now() - began) / 1000,
      });
      if (!dryRun && plan.verdict !== 'keep') await tell(planId, plan);
      const { verdict, reason, costs, moves, held, replicas, notes: told } = plan;
      return { planId, verdict, reason, costs, moves, held: held.slice(0, TOLD_HELD), replicas, notes: told, atOnce: settings.atOnce }; // prettier-ignore
    },

    async notePlanOutcomes({ planId, outcomes }: { planId: string; outcomes: readonly MoveOutcome[] }): Promise<void> {
      await store.notePlacementOutcomes(planId, outcomes);
      const done = outcomes.filter(({ state }) => state === 'done').length;
      await store.addPlacementFigures({ moves: done, failedMoves: outcomes.length - done });
    },

    /** Gives a function its first node. One that has any is left as it is. @throws PlatformError function_not_found */
    async placeOn({ tenant, function: name, node }: { tenant: string; function: string; node: string }): Promise<void> {
      const { functionId, nodes } = await replicaFacts(tenant, name);
      if (nodes.length > 0) return;
      await store.setPlacement(functionId, [{ node, weight: 100 }], { ifGeneration: 0 });
    },

    /** @throws PlatformError function_not_found; conflict while somebody else changes its placement */
    replicaFacts: ({ tenant, function: name }: { tenant: string; function: string }): Promise<ReplicaFacts> =>
      replicaFacts(tenant, name),
  };

  /** As configured, or as the PlacementPolicy that counts has it. */
  async function currentSettings(): Promise<PlacementSettings> {
    const [policy] = await store.declaredPolicies('PlacementPolicy');
    return policy
      ? underPolicy(dependencies.placement, placementPolicySpecSchema.parse(policy.spec))
      : dependencies.placement;
  }

  async function replicaFacts(tenant: string, name: string): Promise<ReplicaFacts> {
    const fn = await store.findFunction(tenant, name);
    if (!fn) throw new PlatformError('function_not_found', `There is no function ${tenant}/${name}`);
    const placement = await store.placementOf(fn.id);
    if (placement?.fence) throw new PlatformError('conflict', `${name} is being moved by ${placement.fence}`);
    return { functionId: fn.id, nodes: placement?.nodes ?? [], generation: placement?.generation ?? 0 };
  }

  async function tell(planId: string, { verdict, reason, moves }: PlacementPlan): Promise<void> {
    const data = {
      plan: planId,
      reason,
      moves: moves.map(({ function: id, from, to }) => ({ function: id, from, to })),
    };
    const type = verdict === 'move' ? 'placement.planned' : 'placement.infeasible';
    await store.writeEvents([{ at: new Date(now()), tenant: null, type, function: null, node: null, data }]);
  }
}

function definedOnly(weights: WeightChanges): Partial<Record<CostTerm, number>> {
  return Object.fromEntries(COST_TERMS.flatMap((term) => (weights[term] === undefined ? [] : [[term, weights[term]]])));
}
