import type { Problem } from '../error/platform-error';
import type { CaseTerms, Resource } from './case-terms';
import type { Placement } from './placement-case';
import { shortages } from './shortage';
import { suits } from './solvers/split-parts';
import { refusal, violationsOf, type Constraint } from './violations';

const MOST_NAMES = 8;
const UNITS: Readonly<Record<Resource, string>> = {
  cpu: 'thousandths of a core',
  memory: 'bytes of memory',
  slots: 'instances',
  bandwidth: 'bytes a second',
};

/**
 * Why a case has no placement, as exactly as can be proved: functions that no node may hold, then groups that ask for more than
 * their nodes have together. Where neither is so, which functions the solver found no room for.
 * @param tried what a solver came to, with violations
 */
export function explainInfeasible(terms: CaseTerms, tried: Placement): Problem[] {
  const { problem } = terms;
  const open = problem.functions.map((_, fn) =>
    problem.nodes.map((__, node) => node).filter((node) => refusal(terms, fn, node) === null),
  );
  const alone = problem.functions.flatMap((_, fn) => nowhere(terms, fn, open[fn]!));
  const short = shortages(terms, reachable(terms, open)).map(({ resource, functions, nodes, asked, there }) => {
    const names = some(functions.map((fn) => problem.functions[fn]!.id));
    const where = some(nodes.map((node) => problem.nodes[node]!.name));
    return {
      path: resource,
      message: `${names} need ${rounded(asked)} ${UNITS[resource]} and may only be on ${where}, which have ${rounded(there)}`,
      hint: 'add a node, or let some of them be elsewhere',
    };
  });
  if (alone.length + short.length > 0) return [...alone, ...short];
  return violationsOf(problem, tried, terms).map(({ constraint, functions, message }) => ({
    path: constraint,
    message:
      constraint === 'place' ? `no room was found for ${some(functions)}, wherever the others were put` : message,
    hint: 'nodes have room enough in sum, but not in the pieces that are needed',
  }));
}

/** What keeps a function from every node, however empty; nothing where some node, or several together, will do. */
function nowhere(terms: CaseTerms, fn: number, open: readonly number[]): Problem[] {
  const { functions, nodes } = terms.problem;
  const { id, sla, replicas } = functions[fn]!;
  const path = `functions.${id}`;
  if (open.length === 0) {
    const counts = new Map<Constraint, number>();
    nodes.forEach((_, node) => {
      const constraint = refusal(terms, fn, node)!;
      counts.set(constraint, (counts.get(constraint) ?? 0) + 1);
    });
    const reasons = [...counts].map(([constraint, count]) => `${constraint} rules out ${count}`).join(', ');
    return [{ path, message: `${id} may be on none of ${nodes.length} nodes: ${reasons}` }];
  }
  const regions = new Set(open.map((node) => nodes[node]!.region));
  if (regions.size < replicas.min) {
    return [
      { path, message: `${id} needs ${replicas.min} replicas in different regions, its nodes are in ${regions.size}` },
    ];
  }
  if (sla && !terms.meetsSla(fn, open)) {
    const best = `${Number((100 * terms.coverage(fn, open)).toFixed(2))} %`;
    return [
      {
        path,
        message: `sla: ${sla.percentile} % of the users of ${id} cannot be within ${sla.ms} ms: with a replica on each of its nodes ${best} are`,
        hint: 'give it a slower SLA, or add a node nearer to its users',
      },
    ];
  }
  if (sla && replicas.max === 1 && !open.some((node) => terms.meetsSla(fn, [node]))) {
    return [
      { path, message: `sla: no single node reaches the users of ${id} in ${sla.ms} ms`, hint: 'allow more replicas' },
    ];
  }
  if (replicas.max === 1 && !open.some((node) => suits(terms, fn, [node]))) {
    return [
      {
        path,
        message: `${id} is too large for each of its nodes`,
        hint: 'allow more replicas, or give it a larger node',
      },
    ];
  }
  return [];
}

/** For functions that stay on one node, only nodes that satisfy them alone. */
function reachable(terms: CaseTerms, open: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return open.map((nodes, fn) =>
    terms.problem.functions[fn]!.replicas.max > 1 ? nodes : nodes.filter((node) => suits(terms, fn, [node])),
  );
}

function some(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function rounded(amount: number): number {
  return Number(amount.toPrecision(6));
}
