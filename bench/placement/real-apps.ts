import type { CallEdge, DataUse, PlacementCase, PlacementFunction } from '../../core/placement/placement-case';
import { DEFAULT_PLACEMENT_PRICES, DEFAULT_WEIGHTS } from '../../core/placement/placement-prices';
import { seededRandom } from '../../core/random/seeded-random';
import { sampleApps, type Popularity } from './popularity';
import { citiesFor, dataMs, nodeMs, nodesIn, userMs, type City } from './world';

const HOURS = 24;
const HOUR_SECONDS = 3_600;
const MIB = 2 ** 20;
/** Of the cluster's CPU, so much is asked for by all functions together. */
const FILL = 0.55;
/** Of one function: larger ones would be a cluster of their own. */
const MOST_CORES = 6;
/** Those that only some nodes may hold are not larger than this, so that there is a placement. */
const MOST_BOUND_CORES = 1;
/** Instances are planned for so many times the mean of calls in flight. */
const HEADROOM = 1.3;
const SIZES_MIB = [128, 256, 256, 512, 512, 1024, 2048];
const APP_SIZES = [1, 1, 1, 2, 2, 3, 4, 6];
const SLA_SHARE = 0.15;
const SLA_MS = 60;

export interface AppsOptions {
  readonly functions: number;
  readonly nodes: number;
  readonly seed: number;
  readonly popularity: Popularity;
}

interface Drawn {
  readonly home: City;
  /** By users; 0 for functions that only others call. */
  users: number;
  /** By users and functions. */
  total: number;
  readonly executeSeconds: number;
  readonly memoryMib: number;
}

/**
 * Applications as often called as real ones, in cities of the real world. An application is one to six functions: users call the
 * first, which calls others, down a tree. Most users are at the application's home, as is most of its data; some functions are bound to
 * their home or kept from edge nodes, and every seventh has an SLA that takes a replica near each crowd of its users.
 */
export function realApps({ functions, nodes: count, seed, popularity }: AppsOptions): PlacementCase {
  const random = seededRandom(seed * 104_729 + functions);
  const cities = citiesFor(count);
  const nodes = nodesIn(cities, count);
  const { drawn, calls } = drawApps(functions, cities, popularity, random);
  const capacity = nodes.reduce((sum, { cpuMillis }) => sum + cpuMillis, 0) / 1000;
  const scale = scaleTo(FILL * capacity, drawn);
  return {
    regions: [...cities.map(({ name }) => name), ...cities.map(dataRegion)],
    nodes,
    functions: drawn.map((fn, index) => functionOf(`f${index}`, fn, scale(fn), cities, random)),
    calls: calls.map(({ from, to, share }): CallEdge => {
      const rate = drawn[from]!.total * share * scale(drawn[from]!);
      return {
        from: `f${from}`,
        to: `f${to}`,
        callsPerHour: rate,
        bytesPerCall: 2_000 + Math.floor(random() * 20_000),
      };
    }),
    regionMs: [
      ...cities.map((city) => nodes.map((node) => userMs(city, node, cities))),
      ...cities.map((city) => nodes.map((node) => dataMs(city, node, cities))),
    ],
    nodeMs: nodes.map((a) => nodes.map((b) => nodeMs(a, b, cities))),
    weights: DEFAULT_WEIGHTS,
    prices: DEFAULT_PLACEMENT_PRICES,
  };
}

function dataRegion({ name }: City): string {
  return `data-${name}`;
}

function drawApps(
  count: number,
  cities: readonly City[],
  popularity: Popularity,
  random: () => number,
): { drawn: Drawn[]; calls: { from: number; to: number; share: number }[] } {
  const sizes: number[] = [];
  for (let left = count; left > 0; left -= sizes.at(-1)!) sizes.push(Math.min(left, pick(APP_SIZES, random)));
  const totals = shuffled(sampleApps(popularity, sizes.length, random), random);
  const drawn: Drawn[] = [];
  const calls: { from: number; to: number; share: number }[] = [];
  sizes.forEach((size, app) => {
    const home = pick(cities, random);
    const first = drawn.length;
    for (let member = 0; member < size; member++) {
      const from = first + Math.floor(random() * member);
      const share = pick([0.3, 0.7, 1, 1.5], random);
      const users = member === 0 ? totals[app]! / HOURS : 0;
      const total = member === 0 ? users : drawn[from]!.total * share;
      if (member > 0) calls.push({ from, to: drawn.length, share });
      drawn.push({
        home,
        users,
        total,
        executeSeconds: 0.01 + 0.15 * random() ** 2,
        memoryMib: pick(SIZES_MIB, random),
      });
    }
  });
  return { drawn, calls };
}

/** What to multiply a function's rates by: one factor for all that fills the cluster as wanted, less for those that get too large. */
function scaleTo(cores: number, drawn: readonly Drawn[]): (fn: Drawn) => number {
  const own = ({ total, executeSeconds }: Drawn): number => (total / HOUR_SECONDS) * executeSeconds;
  const all = (factor: number): number => drawn.reduce((sum, fn) => sum + Math.min(MOST_CORES, factor * own(fn)), 0);
  let [low, high] = [0, 1e6];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (all(middle) < cores) low = middle;
    else high = middle;
  }
  return (fn) => Math.min(low, MOST_CORES / own(fn));
}

function functionOf(
  id: string,
  fn: Drawn,
  scale: number,
  cities: readonly City[],
  random: () => number,
): PlacementFunction {
  const homeShare = 0.6 + 0.35 * random();
  const others = shuffled(
    cities.filter((city) => city !== fn.home),
    random,
  ).slice(0, 2);
  const perSecond = (fn.total * scale) / HOUR_SECONDS;
  const small = perSecond * fn.executeSeconds <= MOST_BOUND_CORES;
  const strict = small && fn.users > 0 && random() < SLA_SHARE;
  const foreign = strict ? others : cities.filter((city) => city !== fn.home);
  const away = foreign.map(() => random());
  const awaySum = away.reduce((sum, share) => sum + share, 0);
  const users = fn.users * scale;
  const bound = small && !strict && random() < 0.08;
  const inside = random() < 0.05;
  return {
    id,
    users:
      users === 0
        ? []
        : [
            { region: fn.home.name, callsPerHour: homeShare * users },
            ...foreign.map(({ name }, index) => ({
              region: name,
              callsPerHour: ((1 - homeShare) * users * away[index]!) / awaySum,
            })),
          ],
    bytesPerCall: 1_000 + Math.floor(random() * 40_000),
    data: dataOf(fn, cities, random),
    cpuMillis: perSecond * fn.executeSeconds * 1000,
    instances: Math.max(1, Math.ceil(HEADROOM * perSecond * fn.executeSeconds)),
    memoryBytes: fn.memoryMib * MIB,
    sla: strict ? { percentile: 99, ms: SLA_MS } : null,
    regions: bound ? [fn.home.name] : null,
    tiers: inside ? ['regional', 'central'] : ['edge', 'regional', 'central'],
    preferTier: null,
    replicas: { min: 1, max: strict ? 3 : 1 },
    current: null,
    move: { bytes: 30 * MIB, seconds: 30, waitSeconds: 0 },
  };
}

function dataOf(fn: Drawn, cities: readonly City[], random: () => number): DataUse[] {
  const sources = pick([0, 1, 1, 2], random);
  return Array.from({ length: sources }, () => ({
    region: dataRegion(random() < 0.8 ? fn.home : pick(cities, random)),
    tripsPerCall: pick([0.2, 0.5, 1, 2], random),
    bytesPerCall: Math.floor(100 * 10 ** (3 * random())),
  }));
}

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)]!;
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const all = [...values];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}
