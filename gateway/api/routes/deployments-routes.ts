import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { nameSchema } from '../../../core/function/manifest';
import { DEPLOYMENT_STATES, type DeploymentRecord } from '../../../drivers/store/store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { storePage } from '../page-cursor';

export const deploymentSchema = z
  .object({
    id: z.string(),
    function: z.string(),
    revision: z.number().int(),
    state: z.enum(DEPLOYMENT_STATES),
    step: z.string().describe('what it does, or did last'),
    error: z.string().nullable(),
    workflowId: z.string().describe('to be found in the Temporal UI'),
    createdAt: instant,
    endedAt: instant.nullable(),
  })
  .meta({ id: 'Deployment' });
export type DeploymentView = z.output<typeof deploymentSchema>;

export function deploymentView(record: DeploymentRecord): DeploymentView {
  const { id, function: name, revision, state, step, error, workflowId } = record;
  const endedAt = record.endedAt?.toISOString() ?? null;
  return {
    id,
    function: name,
    revision,
    state,
    step,
    error,
    workflowId,
    createdAt: record.createdAt.toISOString(),
    endedAt,
  };
}

export function deploymentsRoutes(app: ApiApp, { store }: ApiContext): void {
  app.get(
    '/v1/deployments',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listDeployments',
        tags: ['deployments'],
        summary: 'Deployments, newest first',
        querystring: listQuery.extend({ function: nameSchema.optional(), state: z.enum(DEPLOYMENT_STATES).optional() }),
        response: answers({ 200: pageSchema(deploymentSchema) }, ...KEYED),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const { function: name, state, limit, cursor } = request.query;
      return storePage(
        { limit, cursor },
        (page) => store.deployments({ tenant, function: name, state, ...page }),
        deploymentView,
      );
    },
  );

  app.get(
    '/v1/deployments/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getDeployment',
        tags: ['deployments'],
        summary: 'How far a deployment is',
        params: z.strictObject({ id: z.string().max(100) }),
        querystring: tenantQuery,
        response: answers({ 200: deploymentSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const found = await store.findDeployment(callerOf(request).tenant, request.params.id);
      if (!found) throw new PlatformError('not_found', `There is no deployment ${request.params.id}.`);
      return deploymentView(found);
    },
  );
}
