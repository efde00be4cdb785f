import type { CaseTerms } from './case-terms';
import type { MoveBoard } from './move-board';
import { COST_TERMS, type CostTerm } from './placement-prices';
import { nearest, replicasOf } from './serving';
import { refusal } from './violations';

/** Why a function may not stay where it is; null where it may. */
export function mustLeave(
  terms: CaseTerms,
  fn: number,
  nodes: readonly number[],
  gone: readonly string[],
): string | null {
  const { functions, nodes: all } = terms.problem;
  const { sla, replicas } = functions[fn]!;
  if (gone.length > 0) return `${gone.join(', ')} is gone`;
  if (nodes.length === 0) return 'it sits nowhere yet';
  for (const node of nodes) {
    const constraint = refusal(terms, fn, node);
    const { name, state } = all[node]!;
    if (constraint === 'state') return `${name} is ${state}`;
    if (constraint) return `${name} may not hold it any more: ${constraint}`;
  }
  if (sla && !terms.meetsSla(fn, nodes)) {
    const share = Number((100 * terms.coverage(fn, nodes)).toFixed(1));
    return `its SLA asks for ${sla.ms} ms to ${sla.percentile} % of its users and reaches ${share} %`;
  }
  const regions = new Set(nodes.map((node) => all[node]!.region)).size;
  if (regions < nodes.length) return 'two of its replicas are in one region';
  if (nodes.length < replicas.min || nodes.length > replicas.max) {
    return `it has ${nodes.length} replicas, not ${replicas.min} to ${replicas.max}`;
  }
  return null;
}

/** In one sentence what a move saves an hour and by what, the board being as it is before the move. */
export function savingReason(board: MoveBoard, fn: number, saving: number): string {
  const { terms } = board;
  const [from, to] = [board.at[fn]!, board.goal[fn]!];
  const [before, after] = [board.costs(fn, from), board.costs(fn, to)];
  const gains = COST_TERMS.filter((term) => term !== 'migration')
    .map((term) => ({ term, gain: before[term] - after[term] }))
    .sort((a, b) => b.gain - a.gain);
  const names = (nodes: readonly number[]): string =>
    nodes.map((node) => terms.problem.nodes[node]!.name).join(' and ');
  const told = gains.filter(({ gain }, place) => gain > 0 && (place === 0 || gain > (gains[0]?.gain ?? 0) / 4));
  const why = told.map(({ term }) => because(board, fn, term, names(from), names(to))).join('; ');
  const costs = board.moveAnHour(fn);
  const price = costs > 0 ? `, ${dollars(costs)} of it for the move already taken off` : '';
  return `saves ${dollars(saving)} an hour${price}${why ? `: ${why}` : ''}`;
}

/** Micro-dollars in words, three digits. */
export function dollars(micro: number): string {
  return `$${Number((micro / 1e6).toPrecision(3))}`;
}

function because(board: MoveBoard, fn: number, term: CostTerm, from: string, to: string): string {
  const { terms, at, goal } = board;
  const change = (ms: (nodes: readonly number[]) => number): string =>
    `${short(ms(goal[fn]!))} ms from ${to} instead of ${short(ms(at[fn]!))} ms from ${from}`;
  switch (term) {
    case 'user':
      return `its users are ${change((nodes) => userMs(terms, fn, nodes))}`;
    case 'data':
      return `its data is ${change((nodes) => dataMs(terms, fn, nodes))}`;
    case 'calls':
      return `the functions that it talks to are ${change((nodes) => callMs(board, fn, nodes))}`;
    case 'resources':
      return `room on ${to} is cheaper than on ${from}`;
    case 'migration':
      return '';
  }
}

function userMs(terms: CaseTerms, fn: number, nodes: readonly number[]): number {
  const users = terms.users[fn]!;
  const ms = (region: number): number => terms.problem.regionMs[region]![nodes[nearest(terms, region, nodes)]!]!;
  return mean([...users].map((calls, region) => ({ weight: calls, ms: calls > 0 ? ms(region) : 0 })));
}

function dataMs(terms: CaseTerms, fn: number, nodes: readonly number[]): number {
  const { functions, regions, regionMs } = terms.problem;
  return mean(
    replicasOf(terms, fn, nodes).flatMap(({ node, share }) =>
      functions[fn]!.data.map(({ region, tripsPerCall }) => ({
        weight: share * tripsPerCall,
        ms: regionMs[regions.indexOf(region)]![node]!,
      })),
    ),
  );
}

function callMs({ terms, at }: MoveBoard, fn: number, nodes: readonly number[]): number {
  const { nodeMs } = terms.problem;
  return mean(
    terms.calls
      .filter(({ from, to }) => (from === fn && at[to]!.length > 0) || (to === fn && at[from]!.length > 0))
      .map(({ from, to, callsPerHour }) => {
        const [source, target] = from === fn ? [nodes, at[to]!] : [at[from]!, nodes];
        const ways = source.map((here) => Math.min(...target.map((there) => nodeMs[here]![there]!)));
        return { weight: callsPerHour, ms: ways.reduce((sum, ms) => sum + ms, 0) / ways.length };
      }),
  );
}

function mean(parts: readonly { weight: number; ms: number }[]): number {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  return total === 0 ? 0 : parts.reduce((sum, { weight, ms }) => sum + weight * ms, 0) / total;
}

function short(ms: number): string {
  return String(Number(ms.toPrecision(3)));
}
