import { offersIsolation } from '../function/isolation';
import { CaseTerms, RESOURCES, type Resource } from './case-terms';
import { nodePlaces } from './cost-breakdown';
import type { Placement, PlacementCase } from './placement-case';
import { replicasOf } from './serving';

/** The hard constraints by name; `place` is that every function sits somewhere, `apart` that replicas are in different regions. */
export type Constraint =
  Resource | 'residency' | 'tier' | 'isolation' | 'state' | 'sla' | 'replicas' | 'apart' | 'place';

/** One constraint that a placement breaks, and who is in it. */
export interface Violation {
  readonly constraint: Constraint;
  readonly functions: readonly string[];
  /** The node that it is about; null for what is about a function alone. */
  readonly node: string | null;
  readonly message: string;
}

/** Why a node may never hold a replica of a function, however empty it is; null where it may. */
export function refusal(terms: CaseTerms, fn: number, place: number): Constraint | null {
  const node = terms.problem.nodes[place]!;
  const { current, regions, tiers, isolation } = terms.problem.functions[fn]!;
  const there = current?.nodes.includes(node.name) ?? false;
  if (node.state !== 'ready' && !(node.state === 'cordoned' && there)) return 'state';
  if (regions && !regions.includes(node.region)) return 'residency';
  if (!tiers.includes(node.tier)) return 'tier';
  if (!offersIsolation(node.isolation, isolation)) return 'isolation';
  const capacity = terms.capacity(place);
  const least = terms.demand(fn, 0);
  return RESOURCES.find((_, kind) => CaseTerms.exceeds(least[kind]!, capacity[kind]!)) ?? null;
}

/** Every hard constraint that a placement breaks; empty for a feasible one. */
export function violationsOf(
  problem: PlacementCase,
  placement: Placement,
  terms = new CaseTerms(problem),
): readonly Violation[] {
  const at = nodePlaces(terms, placement);
  return [...problem.functions.flatMap((_, fn) => functionViolations(terms, fn, at[fn]!)), ...overloads(terms, at)];
}

function functionViolations(terms: CaseTerms, fn: number, nodes: readonly number[]): Violation[] {
  const { nodes: all } = terms.problem;
  const { id, sla, replicas } = terms.problem.functions[fn]!;
  const broken = (constraint: Constraint, node: string | null, message: string): Violation[] => [
    { constraint, functions: [id], node, message },
  ];
  if (nodes.length === 0) return broken('place', null, `${id} sits nowhere`);
  const regions = nodes.map((node) => all[node]!.region);
  return [
    ...nodes.flatMap((node) => {
      const constraint = refusal(terms, fn, node);
      const { name } = all[node]!;
      return constraint ? broken(constraint, name, `${id} may not sit on ${name}: ${constraint}`) : [];
    }),
    ...(new Set(regions).size < regions.length
      ? broken('apart', null, `${id} has two replicas in one region: ${regions.join(', ')}`)
      : []),
    ...(nodes.length < replicas.min || nodes.length > replicas.max
      ? broken('replicas', null, `${id} has ${nodes.length} replica(s), not ${replicas.min} to ${replicas.max}`)
      : []),
    ...(sla && !terms.meetsSla(fn, nodes)
      ? broken(
          'sla',
          null,
          `${id} reaches ${percent(terms.coverage(fn, nodes))} of its users within ${sla.ms} ms, not ${sla.percentile} %`,
        )
      : []),
  ];
}

function overloads(terms: CaseTerms, at: readonly (readonly number[])[]): Violation[] {
  const { nodes, functions } = terms.problem;
  const used = nodes.map(() => new Float64Array(RESOURCES.length));
  const members = nodes.map((): string[] => []);
  at.forEach((places, fn) => {
    for (const { node, share } of replicasOf(terms, fn, places)) {
      terms.demand(fn, share).forEach((amount, kind) => (used[node]![kind]! += amount));
      members[node]!.push(functions[fn]!.id);
    }
  });
  return nodes.flatMap(({ name }, node) => {
    const capacity = terms.capacity(node);
    return RESOURCES.flatMap((constraint, kind) => {
      const [amount, most] = [used[node]![kind]!, capacity[kind]!];
      if (!CaseTerms.exceeds(amount, most)) return [];
      const message = `${name} has ${most} of ${constraint}, ${amount} is asked of it`;
      return [{ constraint, functions: members[node]!, node: name, message }];
    });
  });
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}
