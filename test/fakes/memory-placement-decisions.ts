import { PlatformError } from '../../core/error/platform-error';
import {
  PLACEMENT_FIGURES,
  type PlacementDecision,
  type PlacementDecisionStore,
  type PlacementFigure,
} from '../../drivers/store/placement-decision-store';
import { memoryPage } from './memory-list';

export function memoryPlacementDecisions(): PlacementDecisionStore {
  const decisions = new Map<string, PlacementDecision>();
  const figures = new Map<string, number>();
  let assigned: string | null = null;
  const bare = (decision: PlacementDecision): PlacementDecision => {
    return { ...decision, plan: { ...decision.plan, assignment: [] } };
  };
  return {
    writePlacementDecision: async (decision) => {
      if (decisions.has(decision.id)) return;
      decisions.set(decision.id, { ...structuredClone(decision), outcomes: null });
      if (decision.plan.assignment.length > 0) assigned = decision.id;
    },
    notePlacementOutcomes: async (id, outcomes) => {
      const decision = decisions.get(id);
      if (!decision) throw new PlatformError('not_found', `There is no plan ${id}`);
      decisions.set(id, { ...decision, outcomes });
    },
    findPlacementDecision: async (id) => {
      const decision = decisions.get(id);
      return decision ? bare(decision) : null;
    },
    placementDecisions: async ({ movesOnly = false, ...page }) => {
      const found = [...decisions.values()].filter(({ plan }) => !movesOnly || plan.moves.length > 0);
      found.sort((a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : -1));
      return memoryPage('placement-decisions', found.map(bare), page, (row) => row.id);
    },
    latestPlacementDecision: async () => (assigned === null ? null : (decisions.get(assigned) ?? null)),
    addPlacementFigures: async (added) => {
      for (const [name, value] of Object.entries(added)) figures.set(name, (figures.get(name) ?? 0) + value);
    },
    placementFigures: async () =>
      Object.fromEntries(PLACEMENT_FIGURES.map((name) => [name, figures.get(name) ?? 0])) as Record<
        PlacementFigure,
        number
      >,
  };
}
