import { z } from 'zod';
import { revisionNumber } from '../../../core/function/revision-number';
import { REVISION_STATES, type RevisionRecord } from '../../../drivers/store/store';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import {
  answers,
  functionParams,
  instant,
  KEYED,
  listQuery,
  manifestRef,
  pageSchema,
  tenantQuery,
} from '../api-schemas';
import { findFunction, findRevision } from '../find-function';
import { pageOf } from '../page-cursor';

export const revisionSchema = z
  .object({
    id: z.string(),
    function: z.string(),
    number: z.number().int(),
    digest: z.string(),
    codeDigest: z.string(),
    codeKind: z.enum(['layer', 'oci']),
    state: z.enum(REVISION_STATES),
    error: z.string().nullable(),
    createdAt: instant,
    manifest: manifestRef,
  })
  .meta({ id: 'Revision' });
export type RevisionView = z.output<typeof revisionSchema>;

export function revisionView(record: RevisionRecord): RevisionView {
  const { id, function: name, number, digest, codeDigest, codeKind, state, error, manifest } = record;
  return {
    id,
    function: name,
    number,
    digest,
    codeDigest,
    codeKind,
    state,
    error,
    manifest,
    createdAt: record.createdAt.toISOString(),
  };
}

export function revisionsRoutes(app: ApiApp, context: ApiContext): void {
  app.get(
    '/v1/functions/:name/revisions',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listRevisions',
        tags: ['functions'],
        summary: 'Revisions of a function, newest first',
        params: functionParams,
        querystring: listQuery,
        response: answers({ 200: pageSchema(revisionSchema) }, ...KEYED, 404),
      },
    },
    async (request) => {
      const fn = await findFunction(context, callerOf(request).tenant, request.params.name);
      const order = {
        keyOf: (revision: RevisionRecord) => String(revision.number),
        compare: (a: string, b: string) => Number(b) - Number(a),
      };
      return pageOf(`revisions/${fn.id}`, request.query, await context.store.revisions(fn.id), order, revisionView);
    },
  );

  app.get(
    '/v1/functions/:name/revisions/:number',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getRevision',
        tags: ['functions'],
        summary: 'One revision',
        params: functionParams.extend({ number: z.coerce.number().pipe(revisionNumber) }),
        querystring: tenantQuery,
        response: answers({ 200: revisionSchema }, ...KEYED, 404),
      },
    },
    async (request) => {
      const fn = await findFunction(context, callerOf(request).tenant, request.params.name);
      return revisionView(await findRevision(context, fn, request.params.number));
    },
  );
}
