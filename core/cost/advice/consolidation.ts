import type { PlacementCase, Placement, PlacementSolver } from '../../placement/placement-case';
import { search } from '../../placement/solvers/search';
import { violationsOf } from '../../placement/violations';
import { picoOf } from '../money';
import type { Advice, Strategy } from './advice';
import type { PlacementFacts } from './advice-facts';
import { currentPlacement, waitsOf } from './network-placement';

/** What is left free on the nodes that stay, so that a burst finds room. */
const SPARE = 0.25;
/** Waits, and transfer between regions, may get dearer by such a share. */
const DEARER = 1.01;
const SEED = 1;

/** Nodes that could be switched off: all functions find room elsewhere, with room to spare, no SLA breaks and nobody waits longer. */
export const consolidation: Strategy = {
  name: 'consolidation',
  description: 'nodes that can be emptied and switched off: the others hold everything as well',
  advise: ({ placement }) => (placement ? consolidate(placement, search) : []),
};

/** One node after the other, the dearest first; each as though those before it were gone. */
export function consolidate({ problem, nodeMonth }: PlacementFacts, solver: PlacementSolver): Advice[] {
  const now = currentPlacement(problem);
  // A platform that is in trouble has no node to spare.
  if (violationsOf(problem, now).length > 0) return [];
  const waits = waitsOf(problem, now);
  const order = problem.nodes
    .filter(({ name, state }) => state === 'ready' && (nodeMonth[name] ?? 0) > 0)
    .sort((a, b) => (nodeMonth[b.name] ?? 0) - (nodeMonth[a.name] ?? 0) || (a.name < b.name ? -1 : 1));
  let gone: readonly string[] = [];
  const advice: Advice[] = [];
  for (const { name } of order) {
    const without = [...gone, name];
    if (problem.nodes.length - without.length < 1) break;
    const tight = emptied(problem, without);
    const placement = solver.solve(tight, SEED);
    if (violationsOf(tight, placement).length > 0 || waitsOf(tight, placement) > waits * DEARER) continue;
    gone = without;
    advice.push(adviceOf(problem, now, placement, { name, without, month: nodeMonth[name] ?? 0 }));
  }
  return advice;
}

/** The case with those nodes draining, and the others smaller by what is to stay free. */
function emptied(problem: PlacementCase, nodes: readonly string[]): PlacementCase {
  return {
    ...problem,
    nodes: problem.nodes.map((node) => ({
      ...node,
      state: nodes.includes(node.name) ? 'draining' : node.state,
      cpuMillis: (1 - SPARE) * node.cpuMillis,
      memoryBytes: Math.floor((1 - SPARE) * node.memoryBytes),
      slots: Math.floor((1 - SPARE) * node.slots),
    })),
  };
}

function adviceOf(
  problem: PlacementCase,
  now: Placement,
  next: Placement,
  { name, without, month }: { readonly name: string; readonly without: readonly string[]; readonly month: number },
): Advice {
  const leaving = problem.functions.filter(({ id }) => now[id]?.includes(name)).map(({ id }) => id);
  const others = without.filter((node) => node !== name);
  const after = others.length === 0 ? '' : ` (after ${others.join(', ')})`;
  return {
    strategy: 'consolidation',
    tenant: null,
    function: null,
    title: `${name} can be switched off${after}: ${leaving.length} function(s) on it find room elsewhere`,
    evidence: [
      { name: 'nodes that stay', value: problem.nodes.length - without.length, unit: null },
      { name: 'functions on it', value: leaving.length, unit: null },
      ...leaving.slice(0, 20).map((id) => ({ name: `${id} goes to`, value: next[id]?.join(', ') ?? '', unit: null })),
      { name: 'left free on each node that stays', value: 100 * SPARE, unit: '% at least' },
      { name: 'the node', value: month / 1e6, unit: 'dollars a month' },
      { name: 'assumed', value: 'a node that is switched off is no longer paid for', unit: null },
    ],
    monthlySaving: BigInt(picoOf(1, month)),
    confidence: 'medium',
    change: { kind: 'drain', node: name },
  };
}
