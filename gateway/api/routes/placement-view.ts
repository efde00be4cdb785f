import { z } from 'zod';
import type { Costs } from '../../../core/placement/cost-breakdown';
import type { PlacementDecision } from '../../../drivers/store/placement-decision-store';
import { instant } from '../api-schemas';

const cost = z.number();
export const costsSchema = z
  .object({ user: cost, data: cost, calls: cost, resources: cost, migration: cost })
  .describe('micro-dollars an hour, weighted');
const names = z.array(z.string());
const functionId = z.string().describe('tenant/name');

export const planSchema = z
  .object({
    id: z.string(),
    at: instant,
    dryRun: z.boolean(),
    workflowId: z.string(),
    verdict: z.enum(['move', 'keep', 'infeasible']),
    reason: z.string().describe('for `infeasible`, what is in the way'),
    solver: z.string(),
    seed: z.number().int(),
    inputsDigest: z.string().describe('of all that it was reckoned from: same digest and seed, same plan'),
    costs: z
      .object({ before: costsSchema, after: costsSchema, best: costsSchema.nullable() })
      .nullable()
      .describe('of all functions together; shown to platform operators'),
    moves: z.array(
      z.object({
        function: functionId,
        from: names,
        to: names.describe('several are replicas: each user goes to the nearest'),
        savesPerHour: z.number().describe('micro-dollars, what the move costs taken off'),
        costsOnce: z.number().describe('micro-dollars'),
        before: costsSchema,
        after: costsSchema,
        forced: z.boolean().describe('it may not stay where it is'),
        waitsFor: names.describe('functions that must leave first'),
        reason: z.string(),
      }),
    ),
    held: z.array(z.object({ function: functionId, to: names, savesPerHour: z.number(), reason: z.string() })),
    replicas: z.array(
      z.object({
        function: functionId,
        nodes: names,
        p99Ms: z.number().describe('round trip of its users'),
        singleNode: z.string().describe('that would serve them best alone'),
        singleP99Ms: z.number(),
      }),
    ),
    notes: z.array(z.string()).describe('what was left out and why; shown to platform operators'),
    outcomes: z
      .array(
        z.object({ function: functionId, state: z.enum(['done', 'failed', 'skipped']), error: z.string().nullable() }),
      )
      .nullable()
      .describe('null: its moves are under way, or it moves nothing'),
  })
  .meta({ id: 'PlacementPlan' });

export type PlanView = z.output<typeof planSchema>;

/** @param tenant whose functions are shown; null: all */
export function planView(decision: PlacementDecision, tenant: string | null): PlanView {
  const { id, at, dryRun, workflowId, outcomes, plan } = decision;
  const { verdict, solver, seed, inputsDigest, costs, moves, held, replicas, notes } = plan;
  const own = <T extends { readonly function: string }>(rows: readonly T[]): T[] =>
    rows.filter((row) => tenant === null || row.function.startsWith(`${tenant}/`));
  const mine = own(moves);
  return {
    id,
    at: at.toISOString(),
    dryRun,
    workflowId,
    verdict,
    reason: tenant === null ? plan.reason : ownReason(verdict, mine.length),
    solver,
    seed,
    inputsDigest,
    costs: tenant === null ? { before: shown(costs.before), after: shown(costs.after), best: costs.best && shown(costs.best) } : null, // prettier-ignore
    moves: mine.map(({ from, to, waitsFor, before, after, ...move }) => ({
      ...move,
      // What makes room for others speaks of them.
      reason: tenant === null || move.forced || move.savesPerHour > 0 ? move.reason : 'moves together with others',
      from: [...from],
      to: [...to],
      before: shown(before),
      after: shown(after),
      waitsFor: own(waitsFor.map((name) => ({ function: name }))).map((row) => row.function),
    })),
    held: own(held).map(({ to, ...row }) => ({ ...row, to: [...to] })),
    replicas: own(replicas).map(({ nodes, ...row }) => ({ ...row, nodes: [...nodes] })),
    notes: tenant === null ? [...notes] : [],
    outcomes: outcomes && own(outcomes),
  };
}

/** The platform's own reason speaks of everybody's functions. */
function ownReason(verdict: string, moves: number): string {
  if (verdict === 'infeasible') return 'no placement keeps all constraints; the operator of the platform sees which';
  return moves === 0 ? 'nothing is worth a move' : `${moves} function(s) are to move`;
}

export function shown({ user, data, calls, resources, migration }: Costs): z.output<typeof costsSchema> {
  return { user, data, calls, resources, migration };
}
