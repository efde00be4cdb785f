import { PlatformError, type Problem } from '../error/platform-error';
import type { Tier } from '../function/manifest';
import type { NetworkSettings } from './network-settings';
import { namesOf, ofPair, type PairTable } from './region-pairs';

/** Where something stands: a region, and perhaps a node in it. */
export interface Place {
  readonly region: string;
  readonly node?: string | undefined;
}

/** A node as distances are reckoned. */
export interface PlacedNode {
  readonly name: string;
  readonly tier: Tier;
  readonly region: string;
}

/** What of the settings distances come from. */
export type Distances = Pick<NetworkSettings, 'latency' | 'nodeLatency'>;

/** Round trips between places. With no latencies at all everything is at one place. */
export class LatencyMatrix {
  readonly #farthestMs: number;

  private constructor(
    private readonly regions: PairTable,
    private readonly nodes: PairTable,
  ) {
    this.#farthestMs = Math.max(0, ...Object.values(regions).flatMap((row) => Object.values(row)));
  }

  /**
   * @param nodes those whose regions must be in the matrix
   * @throws PlatformError invalid_argument that names every hole and every value that is no time
   */
  static of({ latency, nodeLatency }: Distances, nodes: readonly PlacedNode[]): LatencyMatrix {
    const regions = nodes.map(({ region }) => region);
    const problems = latencyProblems(latency, regions);
    for (const [from, to, ms] of entriesOf(nodeLatency)) {
      if (!isTime(ms)) problems.push({ path: `network.nodeLatency.${from}.${to}`, message: `${ms} is no time in ms` });
    }
    if (problems.length > 0) {
      const lines = problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
      throw new PlatformError('invalid_argument', `The latency matrix has ${problems.length} problem(s): ${lines}`, {
        problems,
        hint: 'Give the round trip of each pair of regions, in milliseconds; one direction stands for both.',
      });
    }
    return new LatencyMatrix(latency, nodeLatency);
  }

  /** Nothing is known of any distance. */
  get empty(): boolean {
    return Object.keys(this.regions).length === 0 && Object.keys(this.nodes).length === 0;
  }

  /** The round trip in ms, from 0. A region that nobody has described counts as far as the farthest that is known. */
  ms(from: Place, to: Place): number {
    if (from.node !== undefined && to.node !== undefined) {
      if (from.node === to.node) return 0;
      const between = ofPair(this.nodes, from.node, to.node);
      if (between !== undefined) return between;
    }
    return ofPair(this.regions, from.region, to.region) ?? (from.region === to.region ? 0 : this.#farthestMs);
  }
}

/**
 * Every pair of regions that is missing, and every value that is no time. None where no latency is given at all.
 * @param regions those that are used, e.g. by nodes; the matrix may know more
 */
export function latencyProblems(latency: PairTable, regions: Iterable<string>): Problem[] {
  const problems: Problem[] = [];
  for (const [from, to, ms] of entriesOf(latency)) {
    if (!isTime(ms)) problems.push({ path: `network.latency.${from}.${to}`, message: `${ms} is no time in ms` });
  }
  const known = namesOf(latency);
  if (known.size === 0) return problems;
  const all = [...new Set([...known, ...regions])].sort();
  all.forEach((from, index) => {
    for (const to of all.slice(index + 1)) {
      if (ofPair(latency, from, to) !== undefined) continue;
      problems.push({ path: `network.latency.${from}.${to}`, message: `the round trip between ${from} and ${to} is missing` }); // prettier-ignore
    }
  });
  return problems;
}

function isTime(ms: number): boolean {
  return Number.isFinite(ms) && ms >= 0;
}

function entriesOf(table: PairTable): [string, string, number][] {
  return Object.entries(table).flatMap(([from, row]) =>
    Object.entries(row).map(([to, value]): [string, string, number] => [from, to, value]),
  );
}
