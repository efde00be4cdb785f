import { parseDuration } from '../core/function/quantity';
import type { FunctionTraffic, PoolTarget } from '../core/warming/pool-plan';
import type { ActivityDependencies } from './dependencies';
import { findRevision } from './find-revision';

/** Targets outlive one missed run of the minute's schedule, not two. */
const TARGET_VALID_MS = 150_000;

/** Reads what pools are planned from, and tells the agents. */
export function warmingActivities({ store, cluster, agent, runSpec, now }: ActivityDependencies) {
  return {
    /** Functions with traffic in the window or with a floor, by the revision that most of `live` points at. */
    async readTraffic(input: {
      tenant?: string | undefined;
      functions?: readonly string[] | undefined;
      windowMinutes: number;
    }): Promise<FunctionTraffic[]> {
      const to = new Date(Math.floor(now() / 60_000) * 60_000);
      const from = new Date(to.getTime() - input.windowMinutes * 60_000);
      const [counts, routes] = await Promise.all([store.minuteCounts({ from, to }), store.routes()]);
      const traffic: FunctionTraffic[] = [];
      for (const route of routes.functions) {
        if (input.tenant !== undefined && route.tenant !== input.tenant) continue;
        if (input.functions && !input.functions.includes(route.name)) continue;
        const live = route.aliases.find((alias) => alias.name === 'live');
        const main = live ? [...live.weights].sort((a, b) => b.weight - a.weight)[0] : undefined;
        const revision = route.revisions.find((candidate) => candidate.number === main?.revision);
        if (!revision) continue;
        const own = counts.filter((count) => count.functionId === route.functionId);
        const { scale, concurrency } = revision.manifest.spec;
        const requests = own.reduce((sum, count) => sum + count.total, 0);
        if (requests === 0 && scale.min === 0) continue;
        traffic.push({
          functionId: route.functionId,
          tenant: route.tenant,
          function: route.name,
          revision: revision.number,
          revisionId: revision.id,
          requests,
          executeMs: own.reduce((sum, count) => sum + count.executeMs, 0),
          concurrency,
          min: scale.min,
          max: scale.max,
          keepAliveMs: parseDuration(scale.keepAlive),
        });
      }
      return traffic;
    },

    /** Every node gets all targets: with one node that is the placement; the node caps what its memory cannot hold. */
    async applyTargets({ plan }: { plan: readonly PoolTarget[] }): Promise<{ capped: string[] }> {
      const targets = [];
      for (const {
        functionId,
        tenant,
        function: name,
        revision,
        revisionId,
        running,
        frozen,
        keepAliveMs,
        expectedRate,
      } of plan) {
        const record = await findRevision(store, { functionId, tenant, function: name, revision, revisionId });
        targets.push({
          revisionId,
          runSpecJson: JSON.stringify(await runSpec(record)),
          steps: [{ afterMs: 0, running, frozen }],
          keepAliveMs: [keepAliveMs],
          expectedRate,
        });
      }
      const capped: string[] = [];
      for (const node of await cluster.nodes()) {
        const reply = await (
          await agent(node.name)
        ).setTargets({ targets, decisionId: `${now()}`, validMs: TARGET_VALID_MS });
        capped.push(...reply.capped);
      }
      return { capped };
    },
  };
}
