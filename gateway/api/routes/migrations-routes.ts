import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { MIGRATION_REASONS, MIGRATION_STATES } from '../../../core/control/migration-state';
import { migrateFunctionInput, migrateWorkflowId } from '../../../core/control/workflow-inputs';
import { isolationOf } from '../../../core/function/isolation';
import { PlatformError, toPlatformError } from '../../../core/error/platform-error';
import { nameSchema } from '../../../core/function/manifest';
import { checkMigration } from '../../../core/migration/check-migration';
import { migrationFacts } from '../../../drivers/store/migration-facts';
import type { MigrationRecord } from '../../../drivers/store/placement-store';
import { traceparentOf } from '../../tracing/api-traces';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, instant, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { findFunction } from '../find-function';
import { storePage } from '../page-cursor';

const migrationSchema = z
  .object({
    id: z.string(),
    function: z.string(),
    from: z.string().nullable().describe('null before it was checked, where none was named'),
    to: z.string(),
    reason: z.enum(MIGRATION_REASONS),
    state: z.enum(MIGRATION_STATES).describe('refused: nothing was moved, because it could not be'),
    phases: z.array(
      z.object({ step: z.string(), startedAt: instant, endedAt: instant.nullable(), note: z.string().nullable() }),
    ),
    error: z.string().nullable(),
    workflowId: z.string().describe('to be found in the Temporal UI'),
    createdAt: instant,
    endedAt: instant.nullable(),
  })
  .meta({ id: 'Migration' });

export type MigrationView = z.output<typeof migrationSchema>;

function migrationView(record: MigrationRecord): MigrationView {
  const { id, function: name, from, to, reason, state, phases, error, workflowId, createdAt, endedAt } = record;
  return {
    id,
    function: name,
    from,
    to,
    reason,
    state,
    phases: phases.map((phase) => ({ ...phase })),
    error,
    workflowId,
    createdAt: createdAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}

const migrationParams = z.strictObject({ id: z.string().max(100) });

/** Moves functions between nodes. */
export function migrationsRoutes(app: ApiApp, context: ApiContext): void {
  const { store, workflows, nodes } = context;
  const find = async (tenant: string, id: string): Promise<MigrationRecord> => {
    const found = await store.findMigration(tenant, id);
    if (found) return found;
    throw new PlatformError('not_found', `There is no migration ${id}.`, { hint: 'GET /v1/migrations lists them.' });
  };

  app.post(
    '/v1/migrations',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'migrateFunction',
        tags: ['migrations'],
        summary: 'Move a function to another node without a failed request',
        querystring: tenantQuery,
        body: migrateFunctionInput
          .omit({ tenant: true, migrationId: true })
          .meta({ example: { function: 'checkout', to: 'edge-1' } }),
        response: answers({ 202: migrationSchema }, ...KEYED, 404, 409),
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const { function: name, from, to, reason } = request.body;
      const fn = await findFunction(context, tenant, name);
      const workflowId = migrateWorkflowId(tenant, name);
      const asked = nodes().map(({ name: node, tier, region, labels, state, agent }) => ({
        name: node,
        tier,
        region,
        isolation: isolationOf(labels),
        state,
        stats: () => agent.stats(),
      }));
      // The workflow checks again. Here the answer is at hand before anything was begun.
      const { facts } = await migrationFacts(store, asked, { fn, from, to, reason, ownWorkflow: '' });
      checkMigration(facts);
      const id = randomUUID();
      const record = await store.createMigration({
        id,
        tenant,
        function: name,
        from: from ?? null,
        to,
        reason,
        workflowId,
      });
      try {
        await workflows
          .within(traceparentOf(request))
          .startMigration(workflowId, { ...request.body, tenant, migrationId: id });
      } catch (error) {
        await store.updateMigration(id, { state: 'refused', error: toPlatformError(error).message });
        throw error;
      }
      return reply.code(202).send(migrationView(record));
    },
  );

  app.get(
    '/v1/migrations',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listMigrations',
        tags: ['migrations'],
        summary: 'Migrations, newest first',
        querystring: listQuery.extend({ function: nameSchema.optional(), state: z.enum(MIGRATION_STATES).optional() }),
        response: answers({ 200: pageSchema(migrationSchema) }, ...KEYED),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const { function: name, state, limit, cursor } = request.query;
      return storePage(
        { limit, cursor },
        (page) => store.migrations({ tenant, function: name, state, ...page }),
        migrationView,
      );
    },
  );

  app.get(
    '/v1/migrations/:id',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getMigration',
        tags: ['migrations'],
        summary: 'How far a migration is, step by step',
        params: migrationParams,
        querystring: tenantQuery,
        response: answers({ 200: migrationSchema }, ...KEYED, 404),
      },
    },
    async (request) => migrationView(await find(callerOf(request).tenant, request.params.id)),
  );

  app.post(
    '/v1/migrations/:id/approve',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'approveMigration',
        tags: ['migrations'],
        summary: 'Let traffic move, where the migration waits for that',
        params: migrationParams,
        querystring: tenantQuery,
        response: answers({ 202: migrationSchema }, ...KEYED, 404, 409),
      },
    },
    async (request, reply) => {
      const record = await find(callerOf(request).tenant, request.params.id);
      if (record.state !== 'running') throw ended(record);
      if (!(await workflows.signalMigration(record.workflowId, 'approve'))) throw ended(record);
      return reply.code(202).send(migrationView(record));
    },
  );

  app.post(
    '/v1/migrations/:id/abort',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'abortMigration',
        tags: ['migrations'],
        summary: 'Put everything back; of no effect once the old node is out',
        params: migrationParams,
        querystring: tenantQuery,
        body: z.strictObject({ reason: z.string().max(200).optional() }).nullish(),
        response: answers({ 202: migrationSchema }, ...KEYED, 404, 409),
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const record = await find(tenant, request.params.id);
      if (record.state !== 'running') throw ended(record);
      const { workflowId } = record;
      const reason = request.body?.reason ?? 'aborted by hand';
      if (!(await workflows.signalMigration(workflowId, 'abort', reason))) await giveUp(context, record);
      return reply.code(202).send(migrationView(await find(tenant, record.id)));
    },
  );
}

/** Somebody has terminated its workflow: what it held is let go, traffic stays as it is. */
async function giveUp(
  { store }: ApiContext,
  { id, tenant, function: name, workflowId }: MigrationRecord,
): Promise<void> {
  const fn = await store.findFunction(tenant, name);
  const placement = fn && (await store.placementOf(fn.id));
  if (fn && placement?.fence?.startsWith(`${workflowId}/`)) {
    const whole = placement.nodes.filter(({ weight }) => weight > 0);
    await store.setPlacement(fn.id, whole, { ifGeneration: placement.generation });
  }
  await store.updateMigration(id, { state: 'rolled-back', error: 'its workflow was ended from outside' });
}

function ended({ id, state }: MigrationRecord): PlatformError {
  return new PlatformError('conflict', `The migration ${id} does not run any more: ${state}.`);
}
