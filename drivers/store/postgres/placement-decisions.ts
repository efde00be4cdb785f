import { PlatformError } from '../../../core/error/platform-error';
import type { PlacementPlan } from '../../../core/plan/placement-plan';
import { PLACEMENT_FIGURES, type PlacementDecision, type PlacementDecisionStore } from '../placement-decision-store';
import type { Database } from './database-schema';
import { figuresIn } from './figures';
import { newestPage } from './newest-page';

const COLUMNS = ['id', 'at', 'tenant', 'workflowId', 'dryRun', 'plan', 'outcomes'] as const;

interface Row extends Omit<PlacementDecision, 'plan'> {
  readonly plan: Omit<PlacementPlan, 'assignment'>;
  readonly assignment?: PlacementPlan['assignment'] | null;
}

export function placementDecisionQueries(db: Database): PlacementDecisionStore {
  const figures = figuresIn(db, 'placementFigures', PLACEMENT_FIGURES);
  return {
    writePlacementDecision: ({ plan: { assignment, ...plan }, ...decision }) =>
      db.transaction().execute(async (transaction) => {
        const kept = assignment.length === 0 ? null : JSON.stringify(assignment);
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('placementDecisions')
          .values({ ...decision, moves: plan.moves.length, plan: JSON.stringify(plan), assignment: kept })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirstOrThrow();
        if (!numInsertedOrUpdatedRows || kept === null) return;
        await transaction
          .updateTable('placementDecisions')
          .set({ assignment: null })
          .where('id', '!=', decision.id)
          .where('assignment', 'is not', null)
          .execute();
      }),

    async notePlacementOutcomes(id, outcomes) {
      const { numUpdatedRows } = await db
        .updateTable('placementDecisions')
        .set({ outcomes: JSON.stringify(outcomes) })
        .where('id', '=', id)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw new PlatformError('not_found', `There is no plan ${id}`);
    },

    async findPlacementDecision(id) {
      const row = await db.selectFrom('placementDecisions').select(COLUMNS).where('id', '=', id).executeTakeFirst();
      return row ? decisionOf(row) : null;
    },

    async placementDecisions({ movesOnly = false, ...page }) {
      let select = db.selectFrom('placementDecisions').select(COLUMNS);
      if (movesOnly) select = select.where('moves', '>', 0);
      const { items, next } = await newestPage(select, page, {
        kind: 'placement-decisions',
        column: 'at',
        timeOf: ({ at }) => at,
      });
      return { items: items.map(decisionOf), next };
    },

    async latestPlacementDecision() {
      const row = await db
        .selectFrom('placementDecisions')
        .select([...COLUMNS, 'assignment'])
        .where('assignment', 'is not', null)
        .orderBy('at', 'desc')
        .executeTakeFirst();
      return row ? decisionOf(row) : null;
    },

    addPlacementFigures: (added) => figures.add(added),
    placementFigures: () => figures.read(),
  };
}

function decisionOf({ assignment, plan, outcomes, ...row }: Row): PlacementDecision {
  return {
    ...row,
    outcomes,
    plan: { ...plan, assignment: assignment ?? [] },
  };
}
