import { z } from 'zod';
import { workflowOf } from '../../../drivers/store/migration-facts';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, functionParams, instant, KEYED, tenantQuery } from '../api-schemas';
import { findFunction } from '../find-function';

const placementSchema = z
  .object({
    function: z.string(),
    generation: z.number().int().describe('grows with each change; 0: it has no placement and may run on any node'),
    nodes: z.array(
      z.object({
        node: z.string(),
        weight: z.number().int().nullable().describe('percent of its traffic; null: it is not placed there'),
        instances: z.number().int().describe('that live there now'),
      }),
    ),
    changedBy: z.string().nullable().describe('the workflow that moves it just now'),
    updatedAt: instant.nullable(),
  })
  .meta({ id: 'Placement' });

/** Where a function runs. */
export function placementRoutes(app: ApiApp, context: ApiContext): void {
  const { store } = context;

  app.get(
    '/v1/functions/:name/placement',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getPlacement',
        tags: ['migrations'],
        summary: 'The nodes that a function is placed on, their share of its traffic, and what lives there',
        params: functionParams,
        querystring: tenantQuery,
        response: answers({ 200: placementSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const fn = await findFunction(context, tenant, request.params.name);
      const [placement, live] = await Promise.all([
        store.placementOf(fn.id),
        store.instances({ tenant, function: fn.name, live: true }),
      ]);
      const placed = placement?.nodes ?? [];
      const names = new Set([...placed.map(({ node }) => node), ...live.map(({ node }) => node)]);
      const fence = placement?.fence ?? null;
      return {
        function: fn.name,
        generation: placement?.generation ?? 0,
        nodes: [...names].map((node) => ({
          node,
          weight: placed.find((share) => share.node === node)?.weight ?? null,
          instances: live.filter((instance) => instance.node === node).length,
        })),
        changedBy: fence === null ? null : workflowOf(fence),
        updatedAt: placement?.updatedAt.toISOString() ?? null,
      };
    },
  );
}
