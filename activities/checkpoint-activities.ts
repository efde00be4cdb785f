import { planRetention } from '../core/control/retention-plan';
import { isPlatformError } from '../core/error/platform-error';
import type { RevisionRecord } from '../drivers/store/store';
import type { ActivityDependencies } from './dependencies';
import { findRevision, refOf } from './find-revision';
import type { RevisionRef } from './revision-ref';

interface CheckpointStep {
  readonly ref: RevisionRef;
  readonly node: string;
  readonly checkpoint: string;
}

/** One call per step of a checkpoint's life; each repeats harmlessly under the same checkpoint id. */
export function checkpointActivities({ store, images, agent, runSpec, now, retention, cluster }: ActivityDependencies) {
  const specJson = async (ref: RevisionRef): Promise<string> =>
    JSON.stringify(await runSpec(await findRevision(store, ref)));

  return {
    async openCheckpoint({ ref, node, checkpoint }: CheckpointStep): Promise<void> {
      const known = await store.checkpoints({ revisionId: ref.revisionId });
      if (known.some((record) => record.id === checkpoint)) return;
      const { tenant, function: name, revisionId, revision } = ref;
      await store.createCheckpoint({ id: checkpoint, tenant, function: name, revisionId, revision, node, hostKey: '' });
    },

    async takeCheckpoint(
      input: CheckpointStep & { instance: string },
    ): Promise<{ pauseMs: number; rawBytes: number; hostKey: string }> {
      const client = await agent(input.node);
      const reply = await client.checkpoint({
        checkpointId: input.checkpoint,
        instanceId: input.instance,
        runSpecJson: await specJson(input.ref),
      });
      const { pauseMs, rawBytes, hostKey } = reply;
      await store.updateCheckpoint(input.checkpoint, { pauseMs, rawBytes, hostKey });
      return { pauseMs, rawBytes, hostKey };
    },

    async sealCheckpoint({ ref, node, checkpoint }: CheckpointStep): Promise<{ digest: string; sealedBytes: number }> {
      const reply = await (
        await agent(node)
      ).seal({ checkpointId: checkpoint, runSpecJson: await specJson(ref), digest: '' });
      await store.updateCheckpoint(checkpoint, { digest: reply.digest, sealedBytes: reply.sealedBytes });
      return { digest: reply.digest, sealedBytes: reply.sealedBytes };
    },

    /** Restores one clone from the sealed image and asks it for its health. */
    async verifyCheckpoint(input: CheckpointStep & { digest: string }): Promise<{ restoreMs: number }> {
      const reply = await (
        await agent(input.node)
      ).verify({ checkpointId: input.checkpoint, runSpecJson: await specJson(input.ref), digest: input.digest });
      return { restoreMs: reply.restoreMs };
    },

    async publishCheckpoint(input: CheckpointStep & { digest: string; hostKey: string }): Promise<void> {
      const { ref, node, checkpoint, digest, hostKey } = input;
      await (
        await agent(node)
      ).publish({ checkpointId: checkpoint, runSpecJson: await specJson(ref), digest, hostKey });
      await store.updateCheckpoint(checkpoint, { state: 'ready' });
    },

    /** One that was still being made has failed: that is told. */
    async dropCheckpoint(input: CheckpointStep & { reason: string }): Promise<void> {
      const { ref, node, checkpoint, reason } = input;
      const record = (await store.checkpoints({ revisionId: ref.revisionId })).find(
        (candidate) => candidate.id === checkpoint,
      );
      await (await agent(node)).dropCheckpoint({ checkpointId: checkpoint, everywhere: true });
      if (record?.digest) await images.delete(record.digest);
      if (record?.state === 'making') {
        const data = { checkpointId: checkpoint, revision: ref.revision, reason };
        await store.writeEvents([
          { at: new Date(now()), tenant: ref.tenant, type: 'checkpoint.failed', function: ref.function, node, data },
        ]);
      }
      if (record) await store.updateCheckpoint(checkpoint, { state: 'deleted', reason });
    },

    /** Ready checkpoints of the revision on the node, but for the newest. */
    async olderCheckpoints(input: { ref: RevisionRef; node: string; except: string }): Promise<string[]> {
      const all = await store.checkpoints({
        revisionId: input.ref.revisionId,
        node: input.node,
        states: ['ready', 'quarantined'],
      });
      return all.map((record) => record.id).filter((id) => id !== input.except);
    },

    /** What retention is to do now, over all tenants. */
    async planRetention(): Promise<{
      drop: (CheckpointStep & { reason: string })[];
      renew: { ref: RevisionRef; node: string; reason: string }[];
    }> {
      const [checkpoints, routes] = await Promise.all([
        store.checkpoints({ states: ['making', 'ready', 'quarantined'] }),
        store.routes(),
      ]);
      const revisions = new Map<string, RevisionRecord>();
      const inUse = new Set<string>();
      for (const route of routes.functions) {
        const used = new Set(route.aliases.flatMap((alias) => alias.weights.map((share) => share.revision)));
        for (const revision of route.revisions) {
          revisions.set(revision.id, revision);
          if (used.has(revision.number)) inUse.add(revision.id);
        }
      }
      const hostKeys = await currentHostKeys();
      const decision = planRetention({
        checkpoints: checkpoints.map((record) => ({ ...record, createdAt: record.createdAt.getTime() })),
        revisionsInUse: inUse,
        hostKey: (revisionId, node) => {
          const runtime = revisions.get(revisionId)?.manifest.spec.runtime;
          return runtime && hostKeys.get(node)?.[runtime];
        },
        now: now(),
        keepUnusedMs: retention.checkpointsMs,
      });
      const drop = decision.drop.flatMap(({ id, reason }) => {
        const record = checkpoints.find((candidate) => candidate.id === id);
        if (!record) return [];
        const { tenant, function: name, revisionId, revision, node } = record;
        return [
          {
            ref: {
              tenant,
              function: name,
              functionId: revisions.get(revisionId)?.functionId ?? '',
              revision,
              revisionId,
            },
            node,
            checkpoint: id,
            reason,
          },
        ];
      });
      const renew = decision.renew.flatMap(({ revisionId, node, reason }) => {
        const record = revisions.get(revisionId);
        return record ? [{ ref: refOf(record), node, reason }] : [];
      });
      return { drop, renew };
    },

    async maintainPartitions(): Promise<void> {
      await store.maintainPartitions(new Date(now()), retention.days);
    },
  };

  /** By node, then runtime; nodes that do not answer are left out. */
  async function currentHostKeys(): Promise<Map<string, Readonly<Record<string, string>>>> {
    const keys = new Map<string, Readonly<Record<string, string>>>();
    for (const node of await cluster.nodes()) {
      try {
        keys.set(node.name, (await (await agent(node.name)).stats()).hostKeys);
      } catch (error) {
        if (!isPlatformError(error) || !error.retryable) throw error;
      }
    }
    return keys;
  }
}
