import type { CostTerm } from '../../../../core/placement/placement-prices';
import type { PlanStateView, PlanView } from '../../lib/answers';

export type Costs = PlanView['moves'][number]['before'];

/** A term of the cost: now, after the moves, and in the best placement that was found; micro-dollars an hour. */
export interface TermRow {
  readonly term: CostTerm | 'all';
  readonly before: number;
  readonly after: number;
  readonly best: number | null;
}

/** What the terms hold, for people. */
export const TERM_WORDS: Readonly<Record<TermRow['term'], string>> = {
  user: 'users waiting for the way to the node',
  data: 'the way to their data',
  calls: 'the way between functions',
  resources: 'CPU and memory',
  migration: 'the move itself, paid off',
  all: 'all together',
};
const TERMS = (Object.keys(TERM_WORDS) as TermRow['term'][]).filter((term) => term !== 'all');

export function termRows(costs: { before: Costs; after: Costs; best?: Costs | null }): TermRow[] {
  const row = (term: TermRow['term'], of: (costs: Costs) => number): TermRow => {
    return { term, before: of(costs.before), after: of(costs.after), best: costs.best ? of(costs.best) : null };
  };
  const sum = (all: Costs): number => TERMS.reduce((total, term) => total + all[term], 0);
  return [...TERMS.map((term) => row(term, (all) => all[term])), row('all', sum)];
}

/** How wide the bars of a row are, 0 to 1 of the dearest of all rows. */
export function shareOfDearest(rows: readonly TermRow[], value: number): number {
  const dearest = Math.max(...rows.flatMap(({ before, after, best }) => [before, after, best ?? 0]));
  return dearest > 0 ? Math.max(0, value) / dearest : 0;
}

/** Micro-dollars for people: dollars from a cent on. */
export function microDollars(value: number): string {
  const size = Math.abs(value);
  return size >= 10_000 ? `$${Number((value / 1e6).toPrecision(3))}` : `${Number(value.toPrecision(3))} µ$`;
}

/** What a plan came to, in a sentence. */
export function planVerdict({ state, error, plan }: PlanStateView): string {
  if (plan === null)
    return state === 'running' ? 'The plan is being made.' : `Nothing was decided: ${error ?? 'no reason is known'}`;
  const moves = `${plan.moves.length} move${plan.moves.length === 1 ? '' : 's'}`;
  if (plan.verdict === 'infeasible') return `No placement keeps all constraints: ${plan.reason}`;
  if (plan.verdict === 'keep') return `Nothing is to move: ${plan.reason}`;
  if (plan.dryRun) return `A dry run: ${moves} would be made, none was.`;
  if (plan.outcomes === null) return `${moves} under way.`;
  const done = plan.outcomes.filter((outcome) => outcome.state === 'done').length;
  return `${done} of ${moves} made.`;
}

/** May the plan's moves still be wished for? Applying makes a new plan of what is true then. */
export function mayApply({ plan }: PlanStateView): boolean {
  return plan !== null && plan.dryRun && plan.verdict === 'move';
}
