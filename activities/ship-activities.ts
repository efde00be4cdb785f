import { toPlatformError } from '../core/error/platform-error';
import { checkpointMoment } from '../core/function/manifest';
import type { CheckpointRecord } from '../drivers/store/store';
import type { ActivityDependencies } from './dependencies';
import { findRevision } from './find-revision';
import type { RevisionRef } from './revision-ref';

/** A checkpoint that is on its way to another node. */
export interface ShippedCheckpoint {
  readonly ref: RevisionRef;
  readonly checkpoint: string;
  readonly digest: string;
  readonly hostKey: string;
  /** What a restore from it took there. */
  readonly restoreMs: number;
}

/** Takes checkpoints along with a function that moves. A checkpoint keeps its id: it is sealed into its image. */
export function shipActivities({ store, images, agent, runSpec }: ActivityDependencies) {
  const specJson = async (ref: RevisionRef): Promise<string> =>
    JSON.stringify(await runSpec(await findRevision(store, ref)));

  return {
    /**
     * Loads the source's checkpoint on the target and restores a trial from it. It is not used there before it is published.
     * @returns null with a reason where there is nothing to ship; `make`: the target should have one of its own then
     */
    async shipCheckpoint(input: {
      ref: RevisionRef;
      from: string;
      to: string;
    }): Promise<{ shipped: ShippedCheckpoint | null; note: string; make: boolean }> {
      const { ref, from, to } = input;
      const client = await agent(to);
      const { hostKeys, checkpoints } = await client.stats();
      const { manifest } = await findRevision(store, ref);
      const hostKey = hostKeys[manifest.spec.runtime];
      if (hostKey === undefined) return { shipped: null, note: 'the target restores no checkpoints', make: false };
      if (checkpoints.some(({ revisionId, quarantined }) => revisionId === ref.revisionId && !quarantined)) {
        return { shipped: null, note: 'the target has one', make: false };
      }
      const found = (await store.checkpoints({ revisionId: ref.revisionId, node: from, states: ['ready'] })).find(
        (record): record is CheckpointRecord & { digest: string } => record.digest !== null,
      );
      // Functions that make theirs at their first request do so there as well.
      const make = checkpointMoment(manifest) === 'deploy';
      if (!found) return { shipped: null, note: 'there is none', make };
      if (found.hostKey !== hostKey) {
        return { shipped: null, note: 'it does not fit the target’s kernel, CPU or runtime', make };
      }
      const { id: checkpoint, digest } = found;
      try {
        const { restoreMs } = await client.verify({
          checkpointId: checkpoint,
          runSpecJson: await specJson(ref),
          digest,
        });
        return {
          shipped: { ref, checkpoint, digest, hostKey, restoreMs },
          note: `restores in ${restoreMs.toFixed(0)} ms`,
          make: false,
        };
      } catch (error) {
        const { code, message } = toPlatformError(error);
        if (code === 'unavailable') throw error;
        await client.dropCheckpoint({ checkpointId: checkpoint, everywhere: false });
        return { shipped: null, note: `it does not restore there: ${message}`, make };
      }
    },

    async publishShipped({ shipped, to }: { shipped: ShippedCheckpoint; to: string }): Promise<void> {
      const { ref, checkpoint, digest, hostKey } = shipped;
      const runSpecJson = await specJson(ref);
      await (await agent(to)).publish({ checkpointId: checkpoint, runSpecJson, digest, hostKey });
    },

    /** The target forgets it; it stays where it was. */
    async returnShipped({ shipped, to }: { shipped: ShippedCheckpoint; to: string }): Promise<void> {
      await (await agent(to)).dropCheckpoint({ checkpointId: shipped.checkpoint, everywhere: false });
    },

    /**
     * The source's checkpoints of all revisions of the function: what was shipped belongs to the target from now on, the
     * others are of no use any more.
     */
    async settleCheckpoints(input: {
      functionId: string;
      from: string;
      to: string;
      fromLost: boolean;
      shipped: readonly ShippedCheckpoint[];
    }): Promise<{ moved: number; dropped: number }> {
      const { functionId, from, to, fromLost, shipped } = input;
      const taken = new Set(shipped.map(({ checkpoint }) => checkpoint));
      let moved = 0;
      let dropped = 0;
      for (const revision of await store.revisions(functionId)) {
        const records = await store.checkpoints({
          revisionId: revision.id,
          node: from,
          states: ['ready', 'quarantined'],
        });
        for (const { id, digest } of records) {
          // What was shipped lives on: the source alone forgets it. What a lost node has left elsewhere the target removes.
          const everywhere = !taken.has(id);
          if (!fromLost || everywhere)
            await (await agent(fromLost ? to : from)).dropCheckpoint({ checkpointId: id, everywhere });
          if (taken.has(id)) {
            await store.updateCheckpoint(id, { node: to });
            moved += 1;
            continue;
          }
          if (digest) await images.delete(digest);
          await store.updateCheckpoint(id, { state: 'deleted', reason: `the function has moved to ${to}` });
          dropped += 1;
        }
      }
      return { moved, dropped };
    },
  };
}
