import type { Tier } from '../function/manifest';
import { parseMemory } from '../function/quantity';
import type { PlacementCase, PlacementFunction, PlacementNode } from '../placement/placement-case';
import type { PlacementSettings } from './placement-settings';
import type { PlacementSnapshot, SnapshotFunction, SnapshotNode } from './placement-snapshot';
import { replicasWithin, tierCost, tiersWithin } from './within-budgets';

const HOUR_SECONDS = 3_600;
/** Steps of a migration, and the end of what is in flight. */
const MOVE_SECONDS = 10;
/** By which a call may wait longer while its function moves. */
const MOVE_WAIT_SECONDS = 0.02;
/** Replicas of a function that promises a latency and does not say how many it may have. */
const USUAL_REPLICAS = 3;

/** Weights and prices that a case is reckoned with. */
export type CasePrices = Pick<PlacementSettings, 'weights' | 'prices' | 'priceFactors'>;

/**
 * The placement case of a snapshot. Functions that nobody called and that are placed nowhere are left out: they cost nothing
 * anywhere. So are nodes that were never heard of. What is left out, and why, is told in `notes`.
 */
export function placementCaseOf(
  snapshot: PlacementSnapshot,
  { weights, prices, priceFactors }: CasePrices,
): { readonly problem: PlacementCase; readonly notes: readonly string[] } {
  const { latency, hours } = snapshot;
  const heard = snapshot.nodes.filter(({ capacity }) => capacity !== null);
  const notes = snapshot.nodes
    .filter(({ capacity }) => capacity === null)
    .map(({ name }) => `${name} was never heard of`);
  const nodes = heard.map(
    ({ name, tier, region, isolation, state, capacity, bandwidthBytesPerSecond }): PlacementNode => ({
      name,
      tier,
      region,
      isolation,
      state: state === 'drained' ? 'draining' : state,
      cpuMillis: capacity?.cpuMillis ?? 0,
      memoryBytes: capacity?.memoryBytes ?? 0,
      slots: capacity?.slots ?? 0,
      bandwidthBytesPerSecond,
      priceFactor: priceFactors[tier],
    }),
  );
  const used = snapshot.functions.filter(({ load, nodes: placed }) => load.calls > 0 || placed.length > 0);
  const idle = snapshot.functions.length - used.length;
  if (idle > 0) notes.push(`${idle} function(s) that nobody called are placed nowhere, and stay so`);
  const known = new Set(used.map(({ id }) => id));
  const replicas = replicasWithin(used, mostReplicas, prices);
  const users = snapshot.users.filter((row) => known.has(row.function) && row.calls > 0);
  const calls = snapshot.calls.filter(({ from, to, calls: count }) => from !== to && known.has(from) && known.has(to) && count > 0); // prettier-ignore
  const regions = [
    ...new Set([...users.map(({ region }) => region), ...used.flatMap(({ manifest }) => manifest.spec.data.map(({ region }) => region))]), // prettier-ignore
  ].sort();
  const problem: PlacementCase = {
    regions,
    nodes,
    functions: used.map((fn) => {
      const made = functionOf(fn, {
        users: users.filter((row) => row.function === fn.id),
        hours,
        tiers: tiersWithin(fn, snapshot.nodes, (tier) =>
          snapshot.charged ? tierCost(fn, snapshot.charged[tier]) : priceFactors[tier],
        ),
        replicas: replicas.get(fn.id) ?? 1,
      });
      if (made.tiers.length < fn.manifest.spec.tier.allow.length)
        notes.push(`${fn.id} is held to the tier ${made.tiers.join()} by its budget`);
      if (made.replicas.max < mostReplicas(fn))
        notes.push(`${fn.id} may have ${made.replicas.max} replica(s): its budget leaves no money for more`);
      if (fn.manifest.spec.sla && !made.sla) {
        notes.push(`${fn.id} takes longer by itself than its SLA allows: no placement can keep it`);
      }
      return made;
    }),
    calls: calls.map(({ from, to, calls: count, bytes }) => ({
      from,
      to,
      callsPerHour: count / hours,
      bytesPerCall: bytes / count,
    })),
    regionMs: regions.map((region) => heard.map((node) => latency.ms({ region }, placeOf(node)))),
    nodeMs: heard.map((from) => heard.map((to) => latency.ms(placeOf(from), placeOf(to)))),
    weights,
    prices,
  };
  return { problem, notes };
}

function placeOf({ region, name }: SnapshotNode): { region: string; node: string } {
  return { region, node: name };
}

function functionOf(
  fn: SnapshotFunction,
  measured: {
    readonly users: PlacementSnapshot['users'];
    readonly hours: number;
    readonly tiers: readonly Tier[];
    readonly replicas: number;
  },
): PlacementFunction {
  const { id, manifest, load, nodes, secondsSinceMove, imageBytes } = fn;
  const { resources, concurrency, scale, tier, data, sla } = manifest.spec;
  const placement = manifest.spec.placement;
  const { users, hours, tiers, replicas } = measured;
  const meanMs = load.calls > 0 ? load.executeMs / load.calls : 0;
  const cpuMs = load.calls > 0 ? load.cpuMicros / 1000 / load.calls : 0;
  // What is expected now must find room; where callers are, the past says better.
  const perSecond = Math.max(load.calls / hours, fn.expectedPerHour ?? 0) / HOUR_SECONDS;
  const busy = (perSecond * meanMs) / 1000;
  const calls = users.reduce((sum, row) => sum + row.calls, 0);
  const leftMs = sla ? sla.latencyMs - meanMs : 0;
  return {
    id,
    users: users.map((row) => ({ region: row.region, callsPerHour: row.calls / hours })),
    bytesPerCall: calls > 0 ? users.reduce((sum, { bytes }) => sum + bytes, 0) / calls : 0,
    data: data.map(({ region, bytesPerCall }) => ({ region, tripsPerCall: 1, bytesPerCall })),
    cpuMillis: perSecond * cpuMs,
    instances: instancesFor(busy, concurrency, scale.max),
    memoryBytes: parseMemory(resources.memory),
    sla: sla && leftMs > 0 ? { percentile: sla.percentile, ms: leftMs } : null,
    regions: placement?.regions ?? null,
    tiers,
    isolation: manifest.spec.isolation,
    preferTier: tier.prefer ?? null,
    replicas: { min: 1, max: replicas },
    current: nodes.length === 0 ? null : { nodes, secondsSinceMove },
    move: {
      bytes: imageBytes,
      seconds: MOVE_SECONDS,
      waitSeconds: perSecond * MOVE_SECONDS * MOVE_WAIT_SECONDS,
    },
  };
}

/** Whatever budgets say. */
function mostReplicas({ manifest }: SnapshotFunction): number {
  const { placement, sla } = manifest.spec;
  return placement?.maxReplicas ?? (sla ? USUAL_REPLICAS : 1);
}

/**
 * Instances for a load that comes by chance: its mean, and twice the deviation of a Poisson process.
 * @param busy requests in work at once, on the mean (Little's law)
 */
function instancesFor(busy: number, concurrency: number, most: number): number {
  return Math.min(most, Math.max(1, Math.ceil((busy + 2 * Math.sqrt(busy)) / concurrency)));
}
