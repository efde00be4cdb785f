import type { AdviceFacts, ObservedFunction, PlacementFacts, PolicyEvidence } from '../core/cost/advice/advice-facts';
import { quantileOfLooks } from '../core/cost/advice/memory-looks';
import { mainRevision } from '../core/function/alias-weights';
import { checkpointMoment, type Tier } from '../core/function/manifest';
import { parseCpu, parseMemory } from '../core/function/quantity';
import { placementCaseOf } from '../core/plan/placement-case-of';
import { StartTimes } from '../core/warming/start-times';
import type { ClusterNode } from '../drivers/cluster/cluster';
import type { RevisionMemory } from '../drivers/store/advice-store';
import type { RevisionRecord, RouteSnapshot } from '../drivers/store/store';
import type { ActivityDependencies } from './dependencies';
import { placementSnapshot } from './placement-snapshot';

const HOUR_MS = 3_600_000;
const MONTH_SECONDS = 30 * 86_400;
const GB = 1e9;
/** Of a function that is placed nowhere, or on a node that is gone. */
const UNKNOWN_TIER: Tier = 'central';

type Dependencies = Pick<
  ActivityDependencies,
  'store' | 'cluster' | 'images' | 'bandwidth' | 'network' | 'placement' | 'costs' | 'prices' | 'now'
>;

/** What a window of the past shows the strategies. @throws PlatformError invalid_argument for a latency matrix with holes */
export async function costFacts(
  dependencies: Dependencies,
  { from, to, tenant, policies }: { from: Date; to: Date; tenant: string | null; policies: readonly PolicyEvidence[] },
): Promise<AdviceFacts> {
  const { store, cluster, prices } = dependencies;
  const [nodes, routes, loads, memory, checkpoints, minutes, held] = await Promise.all([
    cluster.nodes(),
    store.routes(),
    store.functionLoads({ from, to }),
    store.revisionMemory({ from, to }),
    store.checkpoints({ states: ['ready'] }),
    store.minuteCounts({ from, to, ...(tenant === null ? {} : { tenant }) }),
    store.heldMemory({ from, to }),
  ]);
  const loadOf = new Map(loads.map((load) => [load.functionId, load]));
  const heldOf = new Map(held.map((row) => [row.functionId, row]));
  const looksOf = new Map(memory.map((row) => [row.revisionId, row]));
  const restores = new Map<string, number>();
  for (const { functionId, byKind } of minutes)
    restores.set(functionId, (restores.get(functionId) ?? 0) + byKind.restore);
  const functions = routes.functions.flatMap((fn): ObservedFunction[] => {
    const revision = mainRevision(fn.aliases, fn.revisions);
    if (!revision || (tenant !== null && fn.tenant !== tenant)) return [];
    const load = loadOf.get(fn.functionId);
    const rest = heldOf.get(fn.functionId);
    const images = checkpoints.filter(({ revisionId }) => revisionId === revision.id);
    return [
      {
        ...declared(fn, revision, nodes),
        calls: load?.calls ?? 0,
        executeMs: load?.executeMs ?? 0,
        cpuMicros: load?.cpuMicros ?? null,
        idleGbSeconds: {
          running: (rest?.runningByteMs ?? 0) / 1000 / GB,
          frozen: (rest?.frozenByteMs ?? 0) / 1000 / GB,
        },
        memory: memoryUse(looksOf.get(revision.id)),
        restores: restores.get(fn.functionId) ?? 0,
        sealedBytes: images.reduce((sum, { sealedBytes }) => sum + sealedBytes, 0),
      },
    ];
  });
  const windowMs = to.getTime() - from.getTime();
  // Nodes and regions are the operator's: they are looked at for the whole platform only.
  const placement = tenant === null ? await placementFacts(dependencies, nodes, windowMs) : null;
  return { windowMs, tiers: prices.tiers, functions, policies, placement };
}

function declared(
  { tenant, name, placement }: RouteSnapshot['functions'][number],
  revision: RevisionRecord,
  nodes: readonly ClusterNode[],
): Omit<
  ObservedFunction,
  'calls' | 'executeMs' | 'cpuMicros' | 'idleGbSeconds' | 'memory' | 'restores' | 'sealedBytes'
> {
  const { resources } = revision.manifest.spec;
  const starts = StartTimes.of(revision);
  const [most] = [...(placement?.nodes ?? [])].sort((a, b) => b.weight - a.weight);
  return {
    tenant,
    name,
    revision: revision.number,
    memoryBytes: parseMemory(resources.memory),
    cpuMillis: parseCpu(resources.cpu),
    checkpoint: checkpointMoment(revision.manifest),
    tier: nodes.find((node) => node.name === most?.node)?.tier ?? UNKNOWN_TIER,
    coldSeconds: starts.cold,
    restoreSeconds: starts.restore,
  };
}

function memoryUse(found: RevisionMemory | undefined): ObservedFunction['memory'] {
  if (!found) return null;
  const { looks, firstHour, lastHour } = found;
  return {
    samples: looks.samples,
    peakBytes: looks.peakBytes,
    p99Bytes: quantileOfLooks(looks, 0.99),
    hours: (lastHour.getTime() - firstHour.getTime()) / HOUR_MS + 1,
  };
}

async function placementFacts(
  dependencies: Dependencies,
  nodes: readonly ClusterNode[],
  windowMs: number,
): Promise<PlacementFacts | null> {
  const { store, network: distances, placement: settings, costs, now } = dependencies;
  if (nodes.length < 2) return null;
  const { snapshot, moving } = await placementSnapshot(dependencies, { distances, windowMs });
  // What moves just now is neither here nor there.
  if (snapshot.latency.empty || moving.length > 0) return null;
  const { problem } = placementCaseOf(snapshot, settings);
  if (problem.functions.length === 0 || problem.nodes.length < 2) return null;
  const { functions } = await store.routes();
  const ids = new Map(functions.map(({ functionId, tenant, name }) => [functionId, `${tenant}/${name}`]));
  const map = await store.trafficMap({ from: new Date(now() - windowMs), to: new Date(now()) });
  const { cpuSecond, gbSecondRunning } = costs.machine;
  return {
    problem,
    sent: map.users.flatMap(({ functionId, region, bytesOut }) => {
      const id = ids.get(functionId);
      return id === undefined ? [] : [{ function: id, region, bytes: bytesOut }];
    }),
    nodeMonth: Object.fromEntries(
      problem.nodes.map(({ name, cpuMillis, memoryBytes }) => [
        name,
        MONTH_SECONDS * ((cpuMillis / 1000) * cpuSecond + (memoryBytes / GB) * gbSecondRunning),
      ]),
    ),
  };
}
