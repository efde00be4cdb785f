import { CaseTerms } from '../placement/case-terms';
import type { PlacementCase, PlacementFunction } from '../placement/placement-case';
import { refusal } from '../placement/violations';

/**
 * The case without what no placement could ever give, so that one function that asks for too much does not keep all others
 * where they are: functions that no node may hold are left out, and promises to users whom no node is near enough to are put
 * aside. Each is told in `notes`.
 */
export function possibleCase(problem: PlacementCase): {
  readonly problem: PlacementCase;
  readonly notes: readonly string[];
} {
  const terms = new CaseTerms(problem);
  const notes: string[] = [];
  const functions = problem.functions.flatMap((fn, index): PlacementFunction[] => {
    const refusals = problem.nodes.map((_, node) => refusal(terms, index, node));
    const open = refusals.flatMap((why, node) => (why === null ? [node] : []));
    if (open.length === 0) {
      notes.push(`${fn.id} may be on no node (${[...new Set(refusals)].join(', ')}): it stays as it is`);
      return [];
    }
    const reached = fn.replicas.max > 1 ? [open] : open.map((node) => [node]);
    if (fn.sla === null || reached.some((nodes) => terms.meetsSla(index, nodes))) return [fn];
    const best = Math.max(...reached.map((nodes) => terms.coverage(index, nodes)));
    const share = `${Number((100 * best).toFixed(2))} %`;
    notes.push(`${fn.id} can reach ${share} of its users within ${fn.sla.ms.toFixed(1)} ms, not ${fn.sla.percentile} %: its SLA does not count`); // prettier-ignore
    return [{ ...fn, sla: null }];
  });
  const known = new Set(functions.map(({ id }) => id));
  const calls = problem.calls.filter(({ from, to }) => known.has(from) && known.has(to));
  return { problem: { ...problem, functions, calls }, notes };
}
