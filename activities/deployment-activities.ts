import type { ActivityDependencies } from './dependencies';
import type { RevisionRef } from './revision-ref';

/** Keeps the deployment record that the API and the CLI follow. */
export function deploymentActivities({ store, now }: ActivityDependencies) {
  return {
    /** The deployment to report to: the given one, or a new one for a workflow started by hand, under the run's id. */
    async openDeployment(input: {
      ref: RevisionRef;
      workflowId: string;
      runId: string;
      deploymentId?: string | undefined;
    }): Promise<string> {
      if (input.deploymentId) return input.deploymentId;
      const { tenant, function: name, revision } = input.ref;
      const id = input.runId;
      if (!(await store.findDeployment(tenant, id))) {
        await store.createDeployment({ id, tenant, function: name, revision, workflowId: input.workflowId });
      }
      return id;
    },

    async reportDeployment(input: { deployment: string; step: string }): Promise<void> {
      await store.updateDeployment(input.deployment, { step: input.step });
    },

    async closeDeployment(input: {
      deployment: string;
      ref: RevisionRef;
      state: 'succeeded' | 'failed';
      error: string | null;
    }): Promise<void> {
      const { tenant, function: name, revision } = input.ref;
      await store.updateDeployment(input.deployment, {
        state: input.state,
        error: input.error,
        step: input.state === 'succeeded' ? 'done' : 'failed',
      });
      const data = { revision, deployment: input.deployment, error: input.error };
      await store.writeEvents([
        { at: new Date(now()), tenant, type: `deployment.${input.state}`, function: name, node: null, data },
      ]);
    },
  };
}
