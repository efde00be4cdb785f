import { mainRevision } from '../core/function/alias-weights';
import { parseCpu, parseMemory } from '../core/function/quantity';
import type { HomelessFunction } from '../core/node/choose-target';
import type { ClusterNode } from '../drivers/cluster/cluster';
import type { Store } from '../drivers/store/store';

interface Resident {
  readonly needs: HomelessFunction;
  /** Null: nowhere in particular. */
  readonly placed: ReadonlySet<string> | null;
}

/**
 * The functions that are placed on each node, and those that are placed nowhere and have instances there; each once, by
 * tenant and name. What only spilled over to a node is not at home there.
 */
export async function residentsOf(
  store: Pick<Store, 'instances' | 'routes'>,
  nodes: readonly Pick<ClusterNode, 'name'>[],
): Promise<ReadonlyMap<string, readonly HomelessFunction[]>> {
  const { functions } = await store.routes();
  const known = new Map(
    functions.flatMap(({ tenant, name, revisions, aliases, placement }): [string, Resident][] => {
      const main = mainRevision(aliases, revisions);
      if (!main) return [];
      const { tier, resources, isolation, placement: wish } = main.manifest.spec;
      const rules = { tiers: tier.allow, regions: wish?.regions, isolation };
      const needs = { ...rules, memoryBytes: parseMemory(resources.memory), cpuMillis: parseCpu(resources.cpu) };
      const placed = placement && new Set(placement.nodes.map(({ node }) => node));
      return [[`${tenant}/${name}`, { needs: { tenant, function: name, ...needs }, placed }]];
    }),
  );
  const found = await Promise.all(
    nodes.map(async ({ name }): Promise<[string, readonly HomelessFunction[]]> => {
      const rows = await store.instances({ node: name, live: true });
      const lives = new Set(rows.map((row) => `${row.tenant}/${row.function}`));
      const ids = [...known].filter(([id, { placed }]) => (placed ? placed.has(name) : lives.has(id)));
      return [name, ids.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resident]) => resident.needs)];
    }),
  );
  return new Map(found);
}
