import { originShares, totalCalls } from './origin-shares';
import type { PlacementCase, PlacementFunction } from './placement-case';

/** What a node has and a function takes, in the order of every demand and capacity here. */
export const RESOURCES = ['cpu', 'memory', 'slots', 'bandwidth'] as const;
export type Resource = (typeof RESOURCES)[number];
export const KINDS = RESOURCES.length;

const HOUR_SECONDS = 3_600;
const GB = 1e9;
/** Sums of floating point numbers may be this share off. */
const ROUNDING = 1e-9;

/** A call edge with places in the lists of the case instead of names. */
export interface IndexedCall {
  readonly from: number;
  readonly to: number;
  readonly callsPerHour: number;
  readonly bytesPerCall: number;
}

/** The prices of a case, piece by piece, unweighted and in micro-dollars an hour; functions, regions and nodes by their places. */
export class CaseTerms {
  readonly functionAt: ReadonlyMap<string, number>;
  readonly nodeAt: ReadonlyMap<string, number>;
  readonly calls: readonly IndexedCall[];
  /** Calls an hour of users: a row for each function, a column for each region. */
  readonly users: readonly Float64Array[];
  /** Where each function's load comes from in the end, see `originShares`. */
  readonly origins: readonly Float64Array[];
  readonly totals: Float64Array;
  readonly #regionAt: ReadonlyMap<string, number>;
  readonly #bytesPerHour: Float64Array;

  constructor(readonly problem: PlacementCase) {
    const { functions, nodes, regions, calls } = problem;
    this.functionAt = new Map(functions.map(({ id }, index) => [id, index]));
    this.nodeAt = new Map(nodes.map(({ name }, index) => [name, index]));
    this.#regionAt = new Map(regions.map((region, index) => [region, index]));
    this.calls = calls.map((call) => ({
      ...call,
      from: this.functionAt.get(call.from)!,
      to: this.functionAt.get(call.to)!,
    }));
    this.users = functions.map(({ users }) => {
      const row = new Float64Array(regions.length);
      for (const { region, callsPerHour } of users) row[this.#regionAt.get(region)!] = callsPerHour;
      return row;
    });
    this.origins = originShares(problem);
    this.totals = totalCalls(problem);
    this.#bytesPerHour = this.#traffic();
  }

  /** Waits and transfer of one region's users while they are served by a node. */
  user(fn: number, region: number, node: number): number {
    const calls = this.users[fn]![region]!;
    if (calls === 0) return 0;
    const { regions, regionMs } = this.problem;
    return this.#calls(calls, regionMs[region]![node]!, this.#function(fn).bytesPerCall, regions[region]!, node);
  }

  /** Waits and transfer of all its calls' data, were all of them served by one node. */
  data(fn: number, node: number): number {
    const { regionMs } = this.problem;
    return this.#function(fn).data.reduce((sum, { region, tripsPerCall, bytesPerCall }) => {
      const ms = tripsPerCall * regionMs[this.#regionAt.get(region)!]![node]!;
      return sum + this.#calls(this.totals[fn]!, ms, bytesPerCall, region, node);
    }, 0);
  }

  /** Of so many calls an hour from a function on one node to a function on another. */
  call(callsPerHour: number, bytesPerCall: number, from: number, to: number): number {
    const { nodes, nodeMs } = this.problem;
    return this.#calls(callsPerHour, nodeMs[from]![to]!, bytesPerCall, nodes[from]!.region, to);
  }

  /** CPU and memory of a replica that serves a share (0-1) of the load. */
  resources(fn: number, share: number, node: number): number {
    const { prices, nodes } = this.problem;
    const { tier, priceFactor } = nodes[node]!;
    const { preferTier } = this.#function(fn);
    const [cpu, memory] = this.demand(fn, share);
    const other = preferTier !== null && preferTier !== tier ? 1 + prices.otherTier : 1;
    return ((cpu / 1000) * prices.coreHour + (memory / GB) * prices.gbHour) * priceFactor * other;
  }

  /** Of a replica on a node: nothing where the function is there already or is new, else what the move costs, paid off over hours. */
  migration(fn: number, node: number): number {
    const { current } = this.#function(fn);
    if (!current || current.nodes.includes(this.problem.nodes[node]!.name)) return 0;
    return this.moveOnce(fn) / this.problem.prices.payOffHours;
  }

  /** Micro-dollars, once: shipping, waits, and an instance held on both sides for as long as it takes. */
  moveOnce(fn: number): number {
    const { prices } = this.problem;
    const { memoryBytes, move } = this.#function(fn);
    const held = (move.seconds / HOUR_SECONDS) * (memoryBytes / GB) * prices.gbHour;
    return (move.bytes / GB) * prices.transferGb + move.waitSeconds * prices.waitSecond + held;
  }

  /**
   * What a replica with a share (0-1) of the load takes of each resource. Bandwidth is counted as though everything it exchanges
   * crossed the node's edge, so that it holds wherever the other functions are.
   */
  demand(fn: number, share: number): readonly [number, number, number, number] {
    const { cpuMillis, instances, memoryBytes } = this.#function(fn);
    const own = Math.max(1, Math.ceil(share * instances - ROUNDING));
    return [share * cpuMillis, own * memoryBytes, own, (share * this.#bytesPerHour[fn]!) / HOUR_SECONDS];
  }

  /** What a node has of each resource; Infinity for a bandwidth without limit. */
  capacity(node: number): readonly [number, number, number, number] {
    const { cpuMillis, memoryBytes, slots, bandwidthBytesPerSecond } = this.problem.nodes[node]!;
    return [cpuMillis, memoryBytes, slots, bandwidthBytesPerSecond ?? Infinity];
  }

  /** Whether demands fill a node beyond what rounding explains. */
  static exceeds(used: number, capacity: number): boolean {
    return used > capacity * (1 + ROUNDING) + ROUNDING;
  }

  /** Share (0-1) of the function's users that its SLA's time reaches from the nearest of these nodes; 1 without users or SLA. */
  coverage(fn: number, nodes: readonly number[]): number {
    const { sla } = this.#function(fn);
    const users = this.users[fn]!;
    const all = users.reduce((sum, calls) => sum + calls, 0);
    if (!sla || all === 0) return 1;
    const near = (region: number): boolean => nodes.some((node) => this.problem.regionMs[region]![node]! <= sla.ms);
    return users.reduce((sum, calls, region) => sum + (calls > 0 && near(region) ? calls : 0), 0) / all;
  }

  /** Whether the SLA holds with replicas on these nodes. */
  meetsSla(fn: number, nodes: readonly number[]): boolean {
    const { sla } = this.#function(fn);
    return !sla || this.coverage(fn, nodes) >= sla.percentile / 100 - ROUNDING;
  }

  #function(fn: number): PlacementFunction {
    return this.problem.functions[fn]!;
  }

  #calls(callsPerHour: number, ms: number, bytes: number, region: string, node: number): number {
    const { prices, nodes } = this.problem;
    const crossed = region === nodes[node]!.region ? 0 : (bytes / GB) * prices.transferGb;
    return callsPerHour * ((ms / 1000) * prices.waitSecond + crossed);
  }

  #traffic(): Float64Array {
    const bytes = Float64Array.from(this.problem.functions, ({ data, bytesPerCall }, fn) => {
      const users = this.users[fn]!.reduce((sum, calls) => sum + calls, 0);
      const perCall = data.reduce((sum, use) => sum + use.bytesPerCall, 0);
      return users * bytesPerCall + this.totals[fn]! * perCall;
    });
    for (const { from, to, callsPerHour, bytesPerCall } of this.calls) {
      bytes[from]! += callsPerHour * bytesPerCall;
      bytes[to]! += callsPerHour * bytesPerCall;
    }
    return bytes;
  }
}
