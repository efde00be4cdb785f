import { createHash } from 'node:crypto';
import type { AgentClient } from '../../../agent/rpc/agent-client';
import { toPlatformError } from '../../../core/error/platform-error';
import { revisionDigest } from '../../../core/function/revision-digest';
import type { ObservedFunction } from '../../../core/kubernetes/function-decision';
import type { Cluster } from '../../../drivers/cluster/cluster';
import { checkDeploy, deploy, type CheckedDeploy, type DeployContext } from '../../../gateway/api/deploy';

export interface FunctionPlatformOptions extends DeployContext {
  readonly cluster: Cluster;
  readonly agent: (node: string) => Promise<AgentClient>;
  readonly now: () => number;
}

/** A request whose code is known. */
export type ReadyDeploy = CheckedDeploy & { readonly code: NonNullable<CheckedDeploy['code']> };

const LIVE = 'live';
/** Deployments of a revision by which the pause before the next try is reckoned. */
const LOOK_BACK = 10;
/** One call lets what is in flight end for so long; what is left is asked for again. */
const RETIRE_DEADLINE_MS = 10_000;

/** The platform as a controller of Function objects deals with it. Each call may be repeated. */
export class FunctionPlatform {
  constructor(private readonly options: FunctionPlatformOptions) {}

  /** A namespace becomes a tenant with its first function. */
  async ensureTenant(tenant: string): Promise<void> {
    await this.options.store.ensureTenant(tenant);
  }

  /** @throws PlatformError invalid_manifest with all problems, not_found for code that the tenant has not uploaded */
  async check(tenant: string, manifest: CheckedDeploy['manifest'], codeDigest: string): Promise<ReadyDeploy> {
    const { name } = manifest.metadata;
    const request = { tenant, name, manifest, codeDigest, codeKind: undefined, alias: LIVE, canary: undefined };
    const checked = await checkDeploy(this.options, request);
    if (checked.code === null) throw new Error('a deploy that names code was checked without it');
    return { ...checked, code: checked.code };
  }

  /** `running`: the newest deployment of the revision, if it has not ended. */
  async observe({
    tenant,
    manifest,
    code,
  }: ReadyDeploy): Promise<ObservedFunction & { readonly running: string | null }> {
    const { store } = this.options;
    const fn = await store.findFunction(tenant, manifest.metadata.name);
    if (!fn) return { labels: null, revision: null, live: [], deployments: [], running: null };
    const digest = revisionDigest(manifest.spec, code);
    const [revisions, aliases] = await Promise.all([store.revisions(fn.id), store.aliases(fn.id)]);
    const revision = revisions.find((candidate) => candidate.digest === digest) ?? null;
    const query = { tenant, function: fn.name, limit: LOOK_BACK };
    const all = revision ? (await store.deployments({ ...query, revision: revision.number })).items : [];
    // Those of a function of the same name that was deleted are older than the revision.
    const own = all.filter(({ createdAt }) => revision !== null && createdAt >= revision.createdAt);
    const [newest] = own;
    return {
      labels: fn.labels,
      running: newest?.state === 'running' ? newest.id : null,
      revision: revision && { number: revision.number, state: revision.state },
      live: aliases.find(({ name }) => name === LIVE)?.weights ?? [],
      deployments: own.map(({ state, step, error, endedAt }) => ({
        state,
        step,
        error,
        endedAt: endedAt?.getTime() ?? null,
      })),
    };
  }

  /** What `live` of a function points at, whatever its object says. */
  async live(tenant: string, name: string): Promise<ObservedFunction['live']> {
    const fn = await this.options.store.findFunction(tenant, name);
    if (!fn) return [];
    return (await this.options.store.aliases(fn.id)).find((alias) => alias.name === LIVE)?.weights ?? [];
  }

  /** Starts the workflow, or joins the one that runs. @throws PlatformError unavailable */
  async deploy(checked: ReadyDeploy): Promise<void> {
    await deploy(this.options, checked, (revision, before) =>
      // Two controllers that see the same come to the same deployment.
      createHash('sha256')
        .update(`${revision.id} ${before?.id ?? ''}`)
        .digest('hex')
        .slice(0, 32),
    );
  }

  /** Tells of what somebody else has changed, where events are read. */
  async tellDrift(tenant: string, name: string, message: string): Promise<void> {
    const at = new Date(this.options.now());
    const event = { at, tenant, type: 'function.drifted', function: name, node: null, data: { message } };
    await this.options.store.writeEvents([event]);
  }

  /**
   * Deletes a function with everything of it: routes at once, then instances and checkpoints on every node.
   * @returns false as long as something is left: a deployment that runs, instances that finish what they do, a node that does not answer
   */
  async remove(tenant: string, name: string): Promise<boolean> {
    const { store, now } = this.options;
    if (await store.deleteFunction(tenant, name)) {
      const data = { key: 'kubernetes' };
      const at = new Date(now());
      await store.writeEvents([{ at, tenant, type: 'function.deleted', function: name, node: null, data }]);
    }
    const running = await store.deployments({ tenant, function: name, state: 'running', limit: 1 });
    const nodes = (await this.options.cluster.nodes()).filter(({ state }) => state !== 'lost');
    const ended = await Promise.all(nodes.map((node) => this.#endOn(node.name, tenant, name)));
    const dropped = await this.#dropCheckpoints(tenant, name, new Set(nodes.map((node) => node.name)));
    return running.items.length === 0 && dropped && ended.every(Boolean);
  }

  async #endOn(node: string, tenant: string, name: string): Promise<boolean> {
    try {
      const client = await this.options.agent(node);
      const { instances } = await client.stats();
      const own = instances.filter((instance) => instance.tenant === tenant && instance.function === name);
      const revisions = [...new Set(own.map(({ revisionId }) => revisionId))];
      const replies = await Promise.all(
        revisions.map((revisionId) => client.retire({ revisionId, reason: 'deleted', deadlineMs: RETIRE_DEADLINE_MS })),
      );
      return replies.every(({ left }) => left === 0);
    } catch (error) {
      if (!toPlatformError(error).retryable) throw error;
      return false;
    }
  }

  /** Those on nodes that are lost are marked: what was on one is ended when it is back. */
  async #dropCheckpoints(tenant: string, name: string, nodes: ReadonlySet<string>): Promise<boolean> {
    const { store, images, agent } = this.options;
    const found = await store.checkpoints({ tenant, function: name, states: ['making', 'ready', 'quarantined'] });
    const dropped = await Promise.all(
      found.map(async ({ id, node, digest }) => {
        try {
          if (nodes.has(node)) {
            await (await agent(node)).dropCheckpoint({ checkpointId: id, everywhere: true });
          }
          if (digest !== null) await images.delete(digest);
          await store.updateCheckpoint(id, { state: 'deleted', reason: 'the function was deleted' });
          return true;
        } catch (error) {
          if (!toPlatformError(error).retryable) throw error;
          return false;
        }
      }),
    );
    return dropped.every(Boolean);
  }
}
