import { PlatformError, toPlatformError } from '../core/error/platform-error';
import { judgeShift } from '../core/migration/judge-shift';
import type { AgentClient } from '../agent/rpc/agent-client';
import type { Target } from '../agent/rpc/agent-messages';
import { countInstances, type InstanceCount } from '../core/migration/count-instances';
import type { ActivityDependencies } from './dependencies';
import { findRevision } from './find-revision';
import type { RevisionRef } from './revision-ref';

/** A function on its way from one node to another. */
export interface Move {
  readonly tenant: string;
  readonly function: string;
  readonly functionId: string;
  readonly from: string;
  readonly to: string;
}

/** As long as a target of the move counts: the next decision of warming comes before. */
const TARGET_VALID_MS = 150_000;
const LOOK_EVERY_MS = 100;
/** Instances that run on the source must run on the target within this time, and are asked for so often until then. */
const READY_WITHIN_MS = 30_000;
const TELL_AGAIN_MS = 2_000;
/** One call that drains waits at most so long, so that it is seen to be alive. */
const DRAIN_CALL_MS = 2_000;
const SAMPLE = 1_000;
const BEFORE_MS = 60_000;

/** The steps of a move on the nodes themselves. Each may be repeated. */
export function moveActivities({ store, agent, runSpec }: ActivityDependencies) {
  const countOn = async (client: AgentClient, move: Move): Promise<ReadonlyMap<string, InstanceCount>> => {
    const { instances } = await client.stats();
    return countInstances(
      instances.filter(({ tenant, function: name }) => tenant === move.tenant && name === move.function),
    );
  };
  /** Of a node that is gone, what the store believes to have lived there. */
  const countLost = async (move: Move): Promise<number> => {
    const { tenant, function: name, from } = move;
    return (await store.instances({ tenant, function: name, node: from, live: true })).length;
  };

  return {
    /**
     * Lets the target hold as many instances as the source does, and waits until as many of them run.
     * @throws PlatformError capacity when the target cannot
     */
    async warmTarget(input: {
      move: Move;
      refs: readonly RevisionRef[];
      fromLost: boolean;
      decisionId: string;
    }): Promise<{ running: number; frozen: number }> {
      const { move, refs, fromLost, decisionId } = input;
      const source = fromLost ? null : await countOn(await agent(move.from), move);
      const lost = fromLost ? await countLost(move) : 0;
      const wanted = new Map<string, InstanceCount>();
      const targets: Target[] = [];
      for (const ref of refs) {
        const spec = await runSpec(await findRevision(store, ref));
        const { running, frozen } = source?.get(ref.revisionId) ?? { running: lost, frozen: 0 };
        const count = { running: Math.max(1, Math.min(running, spec.scale.max)), frozen };
        wanted.set(ref.revisionId, count);
        targets.push({
          revisionId: ref.revisionId,
          runSpecJson: JSON.stringify(spec),
          steps: [{ afterMs: 0, ...count }],
          keepAliveMs: [],
          expectedRate: 0,
          uses: [],
        });
      }
      const client = await agent(move.to);
      const end = Date.now() + READY_WITHIN_MS;
      for (let toldAt = -Infinity; ;) {
        // The decision of each minute knows nothing of this one and takes its place.
        if (Date.now() - toldAt >= TELL_AGAIN_MS) {
          toldAt = Date.now();
          await client.setTargets({ targets, decisionId, validMs: TARGET_VALID_MS, migration: true });
        }
        const there = await countOn(client, move);
        const short = [...wanted].find(([id, { running }]) => (there.get(id)?.running ?? 0) < running);
        if (!short) break;
        if (Date.now() > end) {
          const has = there.get(short[0])?.running ?? 0;
          throw new PlatformError(
            'conflict',
            `"${move.to}" runs ${has} instances of ${move.function}, ${short[1].running} are needed: it has no room, or they do not start`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
      const counts = [...wanted.values()];
      return {
        running: counts.reduce((sum, { running }) => sum + running, 0),
        frozen: counts.reduce((sum, { frozen }) => sum + frozen, 0),
      };
    },

    /** @param input.since Unix milliseconds @throws PlatformError conflict when the target serves worse than the source */
    async checkShift({ move, since }: { move: Move; since: number }): Promise<{ requests: number; failed: number }> {
      const { tenant, function: name, from, to } = move;
      const { items } = await store.invocations({ tenant, function: name, limit: SAMPLE });
      const sample = (node: string, after: number): { requests: number; failed: number } => {
        const ended = items.filter((item) => item.node === node && item.at.getTime() >= after);
        return {
          requests: ended.length,
          failed: ended.filter((item) => item.status >= 500 || item.errorCode !== null).length,
        };
      };
      const target = sample(to, since);
      const wrong = judgeShift(target, sample(from, since - BEFORE_MS));
      if (wrong !== null) throw new PlatformError('conflict', `"${to}" serves ${name} worse than "${from}": ${wrong}`);
      return target;
    },

    /**
     * Ends the instances of all revisions of the function on a node, those in use when their requests are done.
     * @returns instances that are still in use
     */
    async drainNode({
      move,
      node,
      deadlineMs,
    }: {
      move: Move;
      node: string;
      deadlineMs: number;
    }): Promise<{ left: number }> {
      const end = Date.now() + Math.min(deadlineMs, DRAIN_CALL_MS);
      const client = await agent(node);
      let left = 0;
      for (const { id } of await store.revisions(move.functionId)) {
        const waitMs = Math.max(0, end - Date.now());
        left += (await client.retire({ revisionId: id, reason: 'migration', deadlineMs: waitMs })).left;
      }
      return { left };
    },

    /** Ends what a start has made for the move, or is making; its key starts nothing any more. */
    async giveUpTemplate({ node, key }: { node: string; key: string }): Promise<void> {
      try {
        await (await agent(node)).releaseTemplate({ instanceId: '', keep: false, key });
      } catch (error) {
        // A node that is not known any more holds nothing.
        if (toPlatformError(error).code !== 'not_found') throw error;
      }
    },
  };
}
