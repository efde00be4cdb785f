import { PlatformError } from '../core/error/platform-error';
import { shiftWeights, type AliasWeight } from '../core/function/alias-weights';
import type { ActivityDependencies } from './dependencies';
import type { RevisionRef } from './revision-ref';

/** How long instances of a revision out of use may finish what is in flight, milliseconds. */
const RETIRE_DEADLINE_MS = 60_000;
/** Invocations looked at when a canary is judged. */
const CANARY_SAMPLE = 500;

/** Moves traffic between revisions. Each sets an absolute target, so that a repeat changes nothing. */
export function aliasActivities({ store, cluster, agent }: ActivityDependencies) {
  return {
    async readAlias(input: { ref: RevisionRef; alias: string }): Promise<readonly AliasWeight[]> {
      const aliases = await store.aliases(input.ref.functionId);
      return aliases.find((candidate) => candidate.name === input.alias)?.weights ?? [];
    },

    async shiftAlias(input: {
      ref: RevisionRef;
      alias: string;
      percent: number;
      base: readonly AliasWeight[];
    }): Promise<void> {
      await store.setAlias(
        input.ref.functionId,
        input.alias,
        shiftWeights(input.base, input.ref.revision, input.percent),
      );
    },

    /** Puts an alias back as it was before the deploy; one that did not exist goes away. */
    async restoreAlias(input: { ref: RevisionRef; alias: string; base: readonly AliasWeight[] }): Promise<void> {
      if (input.base.length === 0) await store.deleteAlias(input.ref.functionId, input.alias);
      else await store.setAlias(input.ref.functionId, input.alias, [...input.base]);
    },

    /** @throws PlatformError conflict when the new revision failed more often than allowed since `since` (Unix ms) */
    async checkCanary(input: { ref: RevisionRef; since: number; maxErrorShare: number }): Promise<void> {
      const { tenant, function: name, revision } = input.ref;
      const { items } = await store.invocations({ tenant, function: name, limit: CANARY_SAMPLE });
      const ours = items.filter((item) => item.revision === revision && item.at.getTime() >= input.since);
      const failed = ours.filter((item) => item.status >= 500).length;
      if (failed > ours.length * input.maxErrorShare) {
        throw new PlatformError(
          'conflict',
          `The canary failed ${failed} of ${ours.length} requests, more than ${input.maxErrorShare * 100} %`,
        );
      }
    },

    /** Ends the instances of revisions of this function that no alias points at. */
    async retireUnused({ ref }: { ref: RevisionRef }): Promise<{ ended: number }> {
      const used = new Set(
        (await store.aliases(ref.functionId)).flatMap((alias) => alias.weights.map((share) => share.revision)),
      );
      let ended = 0;
      for (const revision of await store.revisions(ref.functionId)) {
        if (used.has(revision.number) || revision.state !== 'ready') continue;
        for (const node of await cluster.nodes()) {
          // What is on a lost one has ended, or rests until its own time is over.
          if (node.state === 'lost') continue;
          const reply = await (
            await agent(node.name)
          ).retire({ revisionId: revision.id, reason: 'deploy', deadlineMs: RETIRE_DEADLINE_MS });
          ended += reply.ended;
        }
      }
      return { ended };
    },
  };
}
