import type { CaseTerms } from '../case-terms';
import { ownCosts } from '../cost-breakdown';
import { FunctionCost } from '../function-cost';
import { Room } from '../room';
import { suits } from './split-parts';

const MOST_ROUNDS = 8;
/** A replica must save this share of what the function costs, so that none is bought for a rounding. */
const LEAST_GAIN = 1e-9;

/**
 * Gives functions that may have several replicas another one where that is cheaper, takes one away where it does not pay, and exchanges
 * single ones, until nothing of that lowers the cost. Every step keeps all hard constraints.
 * @param at nodes of each function; changed in place
 * @returns whether anything was changed
 */
export function addReplicas(terms: CaseTerms, at: (readonly number[])[]): boolean {
  const costs = new FunctionCost(terms);
  const room = new Room(terms, at);
  const free = terms.problem.functions.flatMap(({ replicas }, fn) =>
    replicas.max > 1 && at[fn]!.length > 0 ? [fn] : [],
  );
  let changed = false;
  for (let round = 0, better = true; better && round < MOST_ROUNDS; round++) {
    better = false;
    for (const fn of free) {
      const now = at[fn]!;
      if (now.length === 1 && !mayPay(terms, costs, fn, at)) continue;
      const cost = costs.of(fn, now, at);
      room.remove(fn, now);
      let [best, least] = [now, cost - LEAST_GAIN * cost];
      for (const nodes of variants(terms, fn, now, room)) {
        const other = costs.of(fn, nodes, at);
        if (other < least && suits(terms, fn, nodes) && room.holds(fn, nodes)) [best, least] = [nodes, other];
      }
      room.add(fn, best);
      if (best === now) continue;
      at[fn] = best;
      better = changed = true;
    }
  }
  return changed;
}

/** Whether all that is waited for costs more than the least that a second instance would. */
function mayPay(terms: CaseTerms, costs: FunctionCost, fn: number, at: readonly (readonly number[])[]): boolean {
  const { weights, nodes } = terms.problem;
  const { user, data } = ownCosts(terms, fn, at[fn]!);
  const instance = nodes.reduce((least, _, node) => Math.min(least, terms.resources(fn, 0, node)), Infinity);
  return user + data + costs.calls(fn, at[fn]!, at) > weights.resources * instance;
}

/** One replica more, one less, or one elsewhere. */
function variants(terms: CaseTerms, fn: number, now: readonly number[], room: Room): (readonly number[])[] {
  const { replicas } = terms.problem.functions[fn]!;
  const others = terms.problem.nodes
    .map((_, node) => node)
    .filter((node) => !now.includes(node) && room.admits(fn, node));
  const without = now.map((node) => now.filter((other) => other !== node));
  return [
    ...(now.length < replicas.max ? others.map((node) => [...now, node]) : []),
    ...(now.length > replicas.min ? without : []),
    // A single one is where the search has put it.
    ...(now.length > 1 ? without.flatMap((rest) => others.map((node) => [...rest, node])) : []),
  ];
}
