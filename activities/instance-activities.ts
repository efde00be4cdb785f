import type { ActivityDependencies } from './dependencies';
import { findRevision } from './find-revision';
import type { RevisionRef } from './revision-ref';

/** Instances held aside from traffic: templates for a deploy or a checkpoint. */
export function instanceActivities({ store, agent, runSpec }: ActivityDependencies) {
  return {
    /** One instance per key, however often it is asked for. */
    async startTemplate(input: {
      ref: RevisionRef;
      node: string;
      key: string;
      warmUp: boolean;
    }): Promise<{ instance: string; startMs: number }> {
      const spec = await runSpec(await findRevision(store, input.ref));
      const client = await agent(input.node);
      const reply = await client.startTemplate({
        key: input.key,
        runSpecJson: JSON.stringify(spec),
        warmUp: input.warmUp,
        deadlineMs: spec.timeouts.startMs,
      });
      return { instance: reply.instanceId, startMs: reply.startMs };
    },

    /** `keep` lets it join the pool, else it ends. An instance that is gone already is no error. */
    async releaseTemplate(input: { node: string; instance: string; keep: boolean }): Promise<void> {
      await (await agent(input.node)).releaseTemplate({ instanceId: input.instance, keep: input.keep });
    },
  };
}
