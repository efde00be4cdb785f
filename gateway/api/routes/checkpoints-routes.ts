import { z } from 'zod';
import { CHECKPOINT_STATES } from '../../../core/control/checkpoint-state';
import { PlatformError } from '../../../core/error/platform-error';
import { checkpointMoment, nameSchema } from '../../../core/function/manifest';
import { nodeNameSchema } from '../../../core/node/node-name';
import { revisionNumber } from '../../../core/function/revision-number';
import type { CheckpointRecord, FunctionRecord, RevisionRecord } from '../../../drivers/store/store';
import { traceparentOf } from '../../tracing/api-traces';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, functionParams, instant, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { findFunction, findRevision } from '../find-function';
import { descending, pageOf } from '../page-cursor';

const checkpointSchema = z
  .object({
    id: z.string(),
    function: z.string(),
    revision: z.number().int(),
    node: z.string(),
    state: z.enum(CHECKPOINT_STATES),
    rawBytes: z.number().int(),
    sealedBytes: z.number().int().describe('compressed and encrypted, as stored'),
    digest: z.string().nullable(),
    pauseMs: z.number().nullable().describe('how long the instance stood still for it'),
    failures: z.number().int(),
    reason: z.string().nullable(),
    createdAt: instant,
  })
  .meta({ id: 'Checkpoint' });
export type CheckpointView = z.output<typeof checkpointSchema>;
const body = z
  .strictObject({
    revision: revisionNumber.optional().describe('default: the newest ready one'),
    node: nodeNameSchema.optional(),
  })
  .nullish();

function checkpointView(record: CheckpointRecord): CheckpointView {
  const { createdAt, ...rest } = record;
  return { ...rest, createdAt: createdAt.toISOString() };
}

export function checkpointsRoutes(app: ApiApp, context: ApiContext): void {
  app.get(
    '/v1/checkpoints',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listCheckpoints',
        tags: ['checkpoints'],
        summary: 'Checkpoints, newest first',
        querystring: listQuery.extend({
          function: nameSchema.optional(),
          node: nodeNameSchema.optional(),
          state: z.enum(CHECKPOINT_STATES).optional(),
        }),
        response: answers({ 200: pageSchema(checkpointSchema) }, ...KEYED),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const { function: name, node, state, limit, cursor } = request.query;
      const found = await context.store.checkpoints({
        tenant,
        ...(name === undefined ? {} : { function: name }),
        ...(node === undefined ? {} : { node }),
        ...(state === undefined ? {} : { states: [state] }),
      });
      const order = {
        keyOf: (checkpoint: CheckpointRecord) => `${checkpoint.createdAt.toISOString()} ${checkpoint.id}`,
        compare: descending,
      };
      return pageOf('checkpoints', { limit, cursor }, found, order, checkpointView);
    },
  );

  app.post(
    '/v1/functions/:name/checkpoints',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'makeCheckpoint',
        tags: ['checkpoints'],
        summary: 'Make a new checkpoint of a revision',
        params: functionParams,
        querystring: tenantQuery,
        body,
        response: answers(
          { 202: z.object({ function: z.string(), revision: z.number().int(), workflowId: z.string() }) },
          ...KEYED,
          404,
          409,
        ),
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const fn = await findFunction(context, tenant, request.params.name);
      const revision = await chooseRevision(context, fn, request.body?.revision);
      const node = nodeNamed(context, request.body?.node);
      const { workflowId } = await context.workflows.within(traceparentOf(request)).startCheckpoint({
        tenant,
        function: fn.name,
        revision: revision.number,
        reason: 'asked for by the API',
        ...(node === undefined ? {} : { node }),
      });
      return reply.code(202).send({ function: fn.name, revision: revision.number, workflowId });
    },
  );
}

async function chooseRevision(
  context: ApiContext,
  fn: FunctionRecord,
  number: number | undefined,
): Promise<RevisionRecord> {
  const all = number === undefined ? await context.store.revisions(fn.id) : [await findRevision(context, fn, number)];
  const [revision] = all.filter((candidate) => candidate.state === 'ready').sort((a, b) => b.number - a.number);
  if (!revision) {
    const which = number === undefined ? 'no revision' : `revision ${number}, which is ${all[0]?.state ?? 'gone'}, not`;
    throw new PlatformError('conflict', `${fn.name} has ${which} ready.`, {
      hint: 'A checkpoint needs a revision that could be started.',
    });
  }
  if (checkpointMoment(revision.manifest) === 'never') {
    throw new PlatformError('conflict', `Revision ${revision.number} of ${fn.name} asks for no checkpoints.`, {
      hint: 'Set spec.checkpoint.when to deploy or first-request and deploy again.',
    });
  }
  return revision;
}

function nodeNamed(context: ApiContext, name: string | undefined): string | undefined {
  if (name === undefined || context.nodes().some((node) => node.name === name)) return name;
  throw new PlatformError('invalid_argument', `There is no node ${name}.`, {
    problems: [{ path: 'node', message: `is none of ${context.nodes().map((node) => node.name).join(', ')}` }], // prettier-ignore
  });
}
