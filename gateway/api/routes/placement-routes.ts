import { z } from 'zod';
import { workflowOf } from '../../../drivers/store/migration-facts';
import type { PlacementRecord } from '../../../drivers/store/placement-store';
import type { InstanceRecord } from '../../../drivers/store/store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, functionParams, instant, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { findFunction } from '../find-function';
import { ascending, pageOf } from '../page-cursor';

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

export type PlacementView = z.output<typeof placementSchema>;

/** Where functions run. */
export function placementRoutes(app: ApiApp, context: ApiContext): void {
  const { store } = context;

  app.get(
    '/v1/placements',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listPlacements',
        tags: ['migrations'],
        summary: 'The nodes that each function of the tenant is on, by name',
        querystring: listQuery,
        response: answers({ 200: pageSchema(placementSchema) }, ...KEYED),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const [{ functions }, live] = await Promise.all([store.routes(), store.instances({ tenant, live: true })]);
      const own = functions.filter((fn) => fn.tenant === tenant);
      const order = { keyOf: ({ name }: { readonly name: string }) => name, compare: ascending };
      return pageOf('placements', request.query, own, order, ({ name, placement }) =>
        view(
          name,
          placement,
          live.filter((instance) => instance.function === name),
        ),
      );
    },
  );

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
      return view(fn.name, placement, live);
    },
  );
}

/** @param live instances of the function */
function view(name: string, placement: PlacementRecord | null, live: readonly InstanceRecord[]): PlacementView {
  const placed = placement?.nodes ?? [];
  const names = new Set([...placed.map(({ node }) => node), ...live.map(({ node }) => node)]);
  const fence = placement?.fence ?? null;
  return {
    function: name,
    generation: placement?.generation ?? 0,
    nodes: [...names].map((node) => ({
      node,
      weight: placed.find((share) => share.node === node)?.weight ?? null,
      instances: live.filter((instance) => instance.node === node).length,
    })),
    changedBy: fence === null ? null : workflowOf(fence),
    updatedAt: placement?.updatedAt.toISOString() ?? null,
  };
}
