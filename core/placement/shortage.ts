import { CaseTerms, RESOURCES, type Resource } from './case-terms';

/** Functions that ask more of the nodes they may be on than all of these have together. */
export interface Shortage {
  readonly resource: Resource;
  /** Places in the case. */
  readonly functions: readonly number[];
  readonly nodes: readonly number[];
  readonly asked: number;
  readonly there: number;
}

/**
 * Proves that there is too little of a resource, even if functions could be cut into pieces: by the theorem of Gale (1957) a flow from
 * functions to the nodes open to them carries everything unless some group asks for more than its nodes have, and the cut of the largest
 * flow is such a group.
 * @param open the nodes that each function may be on
 * @returns one group for each resource that is short
 */
export function shortages(terms: CaseTerms, open: readonly (readonly number[])[]): Shortage[] {
  return RESOURCES.flatMap((resource, kind) => {
    const capacity = terms.problem.nodes.map((_, node) => terms.capacity(node)[kind]!);
    const need = open.map((nodes, fn) => (nodes.length === 0 ? 0 : terms.demand(fn, 1)[kind]!));
    const group = shortGroup(need, capacity, open);
    if (!group) return [];
    const nodes = [...new Set(group.flatMap((fn) => open[fn]!))].sort((a, b) => a - b);
    const sum = (values: readonly number[], places: readonly number[]): number =>
      places.reduce((total, place) => total + values[place]!, 0);
    return [{ resource, functions: group, nodes, asked: sum(need, group), there: sum(capacity, nodes) }];
  });
}

/** Functions that cannot all be served; null where a flow serves them. */
function shortGroup(
  need: readonly number[],
  capacity: readonly number[],
  open: readonly (readonly number[])[],
): number[] | null {
  const left = [...capacity];
  const flow = need.map(() => new Map<number, number>());
  for (let fn = 0; fn < need.length; fn++) {
    let rest = need[fn]!;
    while (CaseTerms.exceeds(rest, 0)) {
      const found = pathToRoom(fn, left, flow, open);
      if (!found.path) return found.seen;
      rest -= pushAlong(found.path, rest, left, flow);
    }
  }
  return null;
}

/** Function, node, function, node and so on: each function may go to the node behind it, which sends the next function away. */
type Path = readonly { readonly fn: number; readonly node: number }[];

function pathToRoom(
  start: number,
  left: readonly number[],
  flow: readonly ReadonlyMap<number, number>[],
  open: readonly (readonly number[])[],
): { path: Path | null; seen: number[] } {
  const cameBy = new Map<number, { fn: number; node: number } | null>([[start, null]]);
  const nodesSeen = new Set<number>();
  const queue = [start];
  for (const fn of queue) {
    for (const node of open[fn]!) {
      if (nodesSeen.has(node)) continue;
      nodesSeen.add(node);
      if (left[node]! > 0) return { path: back(cameBy, { fn, node }), seen: [] };
      flow.forEach((row, other) => {
        if (cameBy.has(other) || !((row.get(node) ?? 0) > 0)) return;
        cameBy.set(other, { fn, node });
        queue.push(other);
      });
    }
  }
  return { path: null, seen: [...cameBy.keys()].sort((a, b) => a - b) };
}

function back(
  cameBy: ReadonlyMap<number, { fn: number; node: number } | null>,
  end: { fn: number; node: number },
): Path {
  const path = [end];
  for (let step = cameBy.get(end.fn); step; step = cameBy.get(step.fn)) path.unshift(step);
  return path;
}

function pushAlong(path: Path, wanted: number, left: number[], flow: readonly Map<number, number>[]): number {
  const last = path.at(-1)!;
  const amount = path.reduce(
    (least, { node }, step) =>
      step + 1 < path.length ? Math.min(least, flow[path[step + 1]!.fn]!.get(node) ?? 0) : least,
    Math.min(wanted, left[last.node]!),
  );
  path.forEach(({ fn, node }, step) => {
    flow[fn]!.set(node, (flow[fn]!.get(node) ?? 0) + amount);
    const next = path[step + 1];
    if (next) flow[next.fn]!.set(node, flow[next.fn]!.get(node)! - amount);
  });
  left[last.node]! -= amount;
  return amount;
}
