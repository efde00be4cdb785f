import type { PlacementCase } from './placement-case';

const MOST_ROUNDS = 64;
const NEAR_ENOUGH = 1e-9;

/**
 * From which region the calls of each function come in the end, through whatever functions they pass: a row for each function
 * with the share (0-1) of each region, in the order of the case. A function that no user reaches has a row of zeros.
 * Call edges are followed until the shares stand still, which takes as many rounds as the longest chain; around a circle they
 * converge.
 */
export function originShares({ regions, functions, calls }: PlacementCase): Float64Array[] {
  const regionAt = new Map(regions.map((region, index) => [region, index]));
  const functionAt = new Map(functions.map(({ id }, index) => [id, index]));
  const edges = calls.map(({ from, to, callsPerHour }) => ({
    from: functionAt.get(from)!,
    to: functionAt.get(to)!,
    callsPerHour,
  }));
  const own = functions.map(({ users }) => {
    const row = new Float64Array(regions.length);
    for (const { region, callsPerHour } of users) row[regionAt.get(region)!]! += callsPerHour;
    return row;
  });
  let shares = own.map(normalised);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const rates = own.map((row) => row.slice());
    for (const { from, to, callsPerHour } of edges) {
      const [source, target] = [shares[from]!, rates[to]!];
      for (let r = 0; r < target.length; r++) target[r]! += callsPerHour * source[r]!;
    }
    const next = rates.map(normalised);
    const moved = next.reduce((most, row, f) => Math.max(most, distance(row, shares[f]!)), 0);
    shares = next;
    if (moved < NEAR_ENOUGH) break;
  }
  return shares;
}

/** Calls an hour of each function, by users and by other functions. */
export function totalCalls({ functions, calls }: PlacementCase): Float64Array {
  const functionAt = new Map(functions.map(({ id }, index) => [id, index]));
  const totals = Float64Array.from(functions, ({ users }) =>
    users.reduce((sum, { callsPerHour }) => sum + callsPerHour, 0),
  );
  for (const { to, callsPerHour } of calls) totals[functionAt.get(to)!]! += callsPerHour;
  return totals;
}

function normalised(row: Float64Array): Float64Array {
  const sum = row.reduce((total, value) => total + value, 0);
  return sum > 0 ? row.map((value) => value / sum) : row;
}

function distance(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0);
}
