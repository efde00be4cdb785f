import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { PlatformError, type Problem } from '../../../core/error/platform-error';
import { nameSchema } from '../../../core/function/manifest';
import { revisionNumber } from '../../../core/function/revision-number';
import type { AliasRecord, FunctionRecord } from '../../../drivers/store/store';
import { callerOf, type ApiApp, type Caller } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers, functionParams, instant, KEYED, listQuery, pageSchema, tenantQuery } from '../api-schemas';
import { noteChange } from '../audit/change-note';
import { findFunction } from '../find-function';
import { ascending, pageOf } from '../page-cursor';
import { rollbackTarget } from '../rollback-target';

export const weightsSchema = z
  .array(z.strictObject({ revision: revisionNumber, weight: z.number().int().min(1).max(100) }))
  .min(1)
  .max(10)
  .meta({ example: [{ revision: 4, weight: 90 }, { revision: 5, weight: 10 }] }); // prettier-ignore
export const aliasSchema = z
  .object({ name: z.string(), weights: weightsSchema, generation: z.number().int(), updatedAt: instant })
  .meta({ id: 'Alias' });
export type AliasView = z.output<typeof aliasSchema>;
const aliasParams = functionParams.extend({ alias: nameSchema });
const rollbackBody = z
  .strictObject({ to: revisionNumber.optional().describe('default: the ready revision before') })
  .nullish();

export function aliasView(record: AliasRecord): AliasView {
  const { name, generation } = record;
  return {
    name,
    weights: record.weights.map((share) => ({ ...share })),
    generation,
    updatedAt: record.updatedAt.toISOString(),
  };
}

export function aliasesRoutes(app: ApiApp, context: ApiContext): void {
  const { store } = context;

  app.get(
    '/v1/functions/:name/aliases',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listAliases',
        tags: ['aliases'],
        summary: 'Aliases of a function',
        params: functionParams,
        querystring: listQuery,
        response: answers({ 200: pageSchema(aliasSchema) }, ...KEYED, 404),
      },
    },
    async (request) => {
      const fn = await findFunction(context, callerOf(request).tenant, request.params.name);
      const order = { keyOf: (alias: AliasRecord) => alias.name, compare: ascending };
      return pageOf(`aliases/${fn.id}`, request.query, await store.aliases(fn.id), order, aliasView);
    },
  );

  app.get(
    '/v1/functions/:name/aliases/:alias',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getAlias',
        tags: ['aliases'],
        summary: 'One alias; its ETag goes into If-Match of a change',
        params: aliasParams,
        querystring: tenantQuery,
        response: answers({ 200: aliasSchema }, ...KEYED, 404),
      },
    },
    async (request, reply) => {
      const fn = await findFunction(context, callerOf(request).tenant, request.params.name);
      const alias = await findAlias(context, fn, request.params.alias);
      return reply.header('etag', etagOf(alias)).send(aliasView(alias));
    },
  );

  app.put(
    '/v1/functions/:name/aliases/:alias',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'putAlias',
        tags: ['aliases'],
        summary: 'Point an alias at revisions, by weight',
        description:
          'With `If-Match: "<generation>"` only if nobody has changed it meanwhile; with `If-None-Match: *` only if it is new.',
        params: aliasParams,
        querystring: tenantQuery,
        body: z.strictObject({ weights: weightsSchema }),
        response: answers({ 200: aliasSchema }, ...KEYED, 404, 412),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const fn = await findFunction(context, caller.tenant, request.params.name);
      const expected = expectedGeneration(request.headers);
      if (expected === 'any') await findAlias(context, fn, request.params.alias, 'precondition_failed');
      await checkWeights(context, fn, request.body.weights);
      const before = (await store.aliases(fn.id)).find(({ name }) => name === request.params.alias);
      const alias = await store.setAlias(
        fn.id,
        request.params.alias,
        request.body.weights,
        expected === 'any' ? undefined : expected,
      );
      noteChange(request, { before: before?.weights, after: alias.weights });
      await record(context, caller, fn, 'alias.changed', { alias: alias.name, weights: alias.weights });
      return reply.header('etag', etagOf(alias)).send(aliasView(alias));
    },
  );

  app.delete(
    '/v1/functions/:name/aliases/:alias',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'deleteAlias',
        tags: ['aliases'],
        summary: 'Delete an alias other than live',
        params: aliasParams,
        querystring: tenantQuery,
        response: answers({ 204: z.null().describe('Deleted') }, ...KEYED, 404, 409, 412),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const fn = await findFunction(context, caller.tenant, request.params.name);
      const alias = await findAlias(context, fn, request.params.alias);
      if (alias.name === 'live') {
        throw new PlatformError(
          'conflict',
          'The alias live cannot be deleted: callers without an alias are sent to it.',
          {
            hint: `To take the function away, DELETE /v1/functions/${fn.name}.`,
          },
        );
      }
      const expected = expectedGeneration(request.headers);
      if (expected !== undefined && expected !== 'any' && expected !== alias.generation) throw changedMeanwhile(alias);
      await store.deleteAlias(fn.id, alias.name);
      noteChange(request, { before: alias.weights, after: null });
      await record(context, caller, fn, 'alias.deleted', { alias: alias.name });
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/v1/functions/:name/rollback',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'rollbackFunction',
        tags: ['aliases'],
        summary: 'Point live at the ready revision before, or at a named one',
        params: functionParams,
        querystring: tenantQuery,
        body: rollbackBody,
        response: answers({ 200: aliasSchema }, ...KEYED, 404, 409, 412),
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const fn = await findFunction(context, caller.tenant, request.params.name);
      const [aliases, revisions] = await Promise.all([store.aliases(fn.id), store.revisions(fn.id)]);
      const live = aliases.find((alias) => alias.name === 'live');
      const revision = rollbackTarget(fn.name, revisions, live, request.body?.to);
      // Against the generation that was looked at: of two rollbacks at once only one moves.
      const alias = await store.setAlias(fn.id, 'live', [{ revision, weight: 100 }], live?.generation ?? 0);
      noteChange(request, { before: live?.weights, after: alias.weights });
      await record(context, caller, fn, 'function.rolled-back', { from: live?.weights ?? [], to: revision });
      return reply.header('etag', etagOf(alias)).send(aliasView(alias));
    },
  );
}

async function findAlias(
  context: ApiContext,
  fn: FunctionRecord,
  name: string,
  otherwise: 'not_found' | 'precondition_failed' = 'not_found',
): Promise<AliasRecord> {
  const found = (await context.store.aliases(fn.id)).find((alias) => alias.name === name);
  if (found) return found;
  throw new PlatformError(otherwise, `${fn.name} has no alias ${name}.`, {
    hint: `GET /v1/functions/${fn.name}/aliases lists them.`,
  });
}

function etagOf(alias: AliasRecord): string {
  return `"${alias.generation}"`;
}

function changedMeanwhile(alias: AliasRecord): PlatformError {
  return new PlatformError(
    'precondition_failed',
    `The alias ${alias.name} has changed meanwhile: it is at generation ${alias.generation}.`,
    {
      hint: 'Read it again and decide anew.',
    },
  );
}

/** From If-Match and If-None-Match: a generation, 0 for "must be new", `any` for "must be there". */
function expectedGeneration(headers: IncomingHttpHeaders): number | 'any' | undefined {
  if (headers['if-none-match']?.trim() === '*') return 0;
  const match = headers['if-match']?.trim();
  if (match === undefined) return undefined;
  if (match === '*') return 'any';
  const generation = /^"(\d{1,15})"$/.exec(match)?.[1];
  if (generation !== undefined) return Number(generation);
  throw new PlatformError(
    'invalid_argument',
    `If-Match must be the ETag of the alias, e.g. "3", or *; it is ${match}.`,
  );
}

async function checkWeights({ store }: ApiContext, fn: FunctionRecord, weights: AliasRecord['weights']): Promise<void> {
  const byNumber = new Map((await store.revisions(fn.id)).map((revision) => [revision.number, revision]));
  const problems: Problem[] = weights.flatMap(({ revision }, index) => {
    const path = `weights.${index}.revision`;
    const found = byNumber.get(revision);
    if (!found) return [{ path, message: `${fn.name} has no revision ${revision}` }];
    if (found.state !== 'ready')
      return [{ path, message: `revision ${revision} is ${found.state}, not ready`, hint: 'deploy it first' }];
    if (weights.findIndex((share) => share.revision === revision) < index)
      return [{ path, message: `revision ${revision} is named twice` }];
    return [];
  });
  const sum = weights.reduce((total, share) => total + share.weight, 0);
  if (sum !== 100) problems.push({ path: 'weights', message: `the weights sum to ${sum}, not 100` });
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
  throw new PlatformError('invalid_argument', `The weights have ${problems.length} problem(s): ${lines}`, { problems });
}

async function record(
  context: ApiContext,
  caller: Caller,
  fn: FunctionRecord,
  type: string,
  data: Record<string, unknown>,
): Promise<void> {
  const event = {
    at: context.now(),
    tenant: fn.tenant,
    type,
    function: fn.name,
    node: null,
    data: { ...data, key: caller.principal.keyId },
  };
  await context.store.writeEvents([event]);
}
