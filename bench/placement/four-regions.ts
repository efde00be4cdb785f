import type { PlacementCase, PlacementFunction, PlacementNode } from '../../core/placement/placement-case';
import { DEFAULT_PLACEMENT_PRICES } from '../../core/placement/placement-prices';
import { seededRandom } from '../../core/random/seeded-random';

const REGIONS = 4;
const FUNCTIONS = 50;
const CALLS = 60;
const GB = 1e9;
const HOUR = 3_600;
/** Where the two central nodes stand. */
const CENTRAL_REGIONS = [0, 2];
const WEIGHTS = { user: 0.6, data: 0.2, calls: 0.2, resources: 0.15, migration: 1 };
/** What a core and a gigabyte cost beside a millisecond of one of the mean function's calls. */
const [CORE, MEMORY] = [8, 4];

interface Site extends PlacementNode {
  readonly place: number;
}

/**
 * The scenario that solvers are held against the optimum on: 50 functions on 14 nodes in four regions, each with two edge nodes and a
 * regional one, and two central nodes; a function's users are mostly at its home, its data there or at a central node; 60 calls
 * between functions. @param load multiplies what the functions need of CPU and memory
 */
export function fourRegions(seed: number, load: number): PlacementCase {
  const random = seededRandom(seed * 7_919 + 1);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const sites = sitesOf();
  const dataSites = sites.filter(({ tier }) => tier !== 'edge');
  const drawn = Array.from({ length: FUNCTIONS }, () => {
    const home = Math.floor(random() * REGIONS);
    const shares = Array.from({ length: REGIONS }, (_, region) => (region === home ? 5 : 0.3) * random() + 0.01);
    const rate = Math.exp(random() * 5 - 1.5);
    const cores = Math.min(3, Math.max(0.05, rate * (0.02 + random() * 0.3) * 0.5)) * load;
    const memoryGb = pick([0.125, 0.25, 0.25, 0.5, 0.5, 1, 1, 2]) * load;
    const central = dataSites.filter(({ tier }) => tier === 'central');
    const own = dataSites.find(({ tier, place }) => tier === 'regional' && place === home)!;
    return { shares, rate, cores, memoryGb, data: random() < 0.5 ? pick(central) : own, trips: pick([0, 0.5, 1, 2]) };
  });
  const shares = new Map<string, number>();
  for (let i = 0; i < CALLS; i++) {
    const [from, to] = [Math.floor(random() * FUNCTIONS), Math.floor(random() * FUNCTIONS)];
    const share = pick([0.2, 0.5, 1]);
    if (from !== to) shares.set(`${from} ${to}`, (shares.get(`${from} ${to}`) ?? 0) + share);
  }
  const calls = [...shares].map(([pair, share]) => {
    const [from, to] = pair.split(' ').map(Number) as [number, number];
    return { from: `f${from}`, to: `f${to}`, callsPerHour: share * drawn[from]!.rate * HOUR, bytesPerCall: 0 };
  });
  const total = drawn.reduce((sum, { rate }) => sum + rate, 0);
  const unit = (HOUR / 1000) * DEFAULT_PLACEMENT_PRICES.waitSecond * (total / FUNCTIONS);
  return {
    regions: [
      ...Array.from({ length: REGIONS }, (_, region) => `users-${region}`),
      ...dataSites.map(({ name }) => name),
    ],
    nodes: sites,
    functions: drawn.map((fn, index) => {
      const incoming = calls.reduce((sum, { to, callsPerHour }) => sum + (to === `f${index}` ? callsPerHour : 0), 0);
      const own = fn.rate * HOUR;
      return {
        ...PLAIN,
        id: `f${index}`,
        users: userRates(fn.shares, own),
        // The family counts the data of users' calls only.
        data: [{ region: fn.data.name, tripsPerCall: (fn.trips * own) / (own + incoming), bytesPerCall: 0 }],
        cpuMillis: fn.cores * 1000,
        memoryBytes: Math.round(fn.memoryGb * GB),
      };
    }),
    calls,
    regionMs: [
      ...Array.from({ length: REGIONS }, (_, region) => sites.map((node) => userMs(region, node))),
      ...dataSites.map((site) => sites.map((node) => nodeMs(site, node))),
    ],
    nodeMs: sites.map((a) => sites.map((b) => nodeMs(a, b))),
    weights: WEIGHTS,
    prices: { ...DEFAULT_PLACEMENT_PRICES, transferGb: 0, coreHour: CORE * unit, gbHour: MEMORY * unit },
  };
}

const PLAIN: Omit<PlacementFunction, 'id' | 'users' | 'data' | 'cpuMillis' | 'memoryBytes'> = {
  bytesPerCall: 0,
  instances: 1,
  sla: null,
  regions: null,
  tiers: ['edge', 'regional', 'central'],
  preferTier: null,
  replicas: { min: 1, max: 1 },
  current: null,
  move: { bytes: 0, seconds: 0, waitSeconds: 0 },
};

function userRates(shares: readonly number[], callsPerHour: number): { region: string; callsPerHour: number }[] {
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share, region) => ({ region: `users-${region}`, callsPerHour: (callsPerHour * share) / sum }));
}

function sitesOf(): Site[] {
  const site = (name: string, tier: Site['tier'], place: number, cores: number, gb: number, price: number): Site => ({
    name,
    region: `region-${place}`,
    tier,
    place,
    state: 'ready',
    cpuMillis: cores * 1000,
    memoryBytes: gb * GB,
    slots: FUNCTIONS,
    bandwidthBytesPerSecond: null,
    priceFactor: price,
  });
  const around = Array.from({ length: REGIONS }, (_, place) => [
    site(`edge-${place}-a`, 'edge', place, 4, 8, 2),
    site(`edge-${place}-b`, 'edge', place, 4, 8, 2),
    site(`regional-${place}`, 'regional', place, 16, 32, 1.4),
  ]);
  return [...around.flat(), ...CENTRAL_REGIONS.map((place) => site(`central-${place}`, 'central', place, 64, 128, 1))];
}

function userMs(region: number, { tier, place }: Site): number {
  if (tier === 'central') return 80;
  if (place === region) return tier === 'edge' ? 5 : 25;
  return tier === 'edge' ? 110 : 70;
}

function nodeMs(a: Site, b: Site): number {
  if (a.name === b.name) return 0.5;
  const near = a.place === b.place;
  const table: Readonly<Record<string, number>> = {
    'edge-edge': near ? 6 : 110,
    'edge-regional': near ? 20 : 90,
    'central-edge': 75,
    'regional-regional': 45,
    'central-regional': 55,
    'central-central': 30,
  };
  return table[[a.tier, b.tier].sort().join('-')]!;
}
