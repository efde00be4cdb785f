import { z } from 'zod';
import { deployFunctionInput } from '../../../core/control/workflow-inputs';
import { PlatformError } from '../../../core/error/platform-error';
import { nameSchema } from '../../../core/function/manifest';
import { revisionDigest } from '../../../core/function/revision-digest';
import type { FunctionRecord } from '../../../drivers/store/store';
import { traceparentOf } from '../../tracing/api-traces';
import { callerOf, type ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import {
  answers,
  digestSchema,
  functionParams,
  instant,
  KEYED,
  listQuery,
  manifestRef,
  pageSchema,
  tenantQuery,
} from '../api-schemas';
import { noteChange, noteUnchanged } from '../audit/change-note';
import { checkDeploy, deploy, type CheckedDeploy } from '../deploy';
import { findFunction } from '../find-function';
import { activitySchema, functionActivity } from '../function-activity';
import { storePage } from '../page-cursor';
import { retireFunction } from '../retire-function';
import { aliasSchema, aliasView } from './aliases-routes';
import { deploymentSchema, deploymentView } from './deployments-routes';
import { revisionSchema, revisionView } from './revisions-routes';

const functionSchema = z
  .object({
    id: z.string(),
    tenant: z.string(),
    name: z.string(),
    labels: z.record(z.string(), z.string()),
    generation: z.number().int(),
    createdAt: instant,
    path: z.string().describe('where it is called, below the address of the gateway'),
  })
  .meta({ id: 'Function' });
const listedFunction = functionSchema
  .extend({ activity: activitySchema.optional().describe('where `activity` asks for it') })
  .meta({ id: 'ListedFunction' });
export type ListedFunction = z.output<typeof listedFunction>;
const functionDetail = functionSchema
  .extend({ aliases: z.array(aliasSchema), latest: revisionSchema.nullable().describe('the newest revision') })
  .meta({ id: 'FunctionDetail' });
export type FunctionDetail = z.output<typeof functionDetail>;

const deployBody = z.strictObject({
  manifest: manifestRef,
  codeDigest: digestSchema.optional().describe('from POST /v1/code; may be left out only for a dry run'),
  codeKind: z.enum(['layer', 'oci']).optional().describe('default: oci where the manifest names an image, else layer'),
  alias: nameSchema.optional().describe('default: live'),
  canary: deployFunctionInput.shape.canary,
});
const deployAnswer = z
  .object({
    function: z.string(),
    revision: z.number().int().nullable().describe('null for a dry run of a new revision'),
    digest: z.string().nullable(),
    created: z.boolean().describe('is the revision new?'),
    dryRun: z.boolean(),
    deployment: deploymentSchema.nullable(),
  })
  .meta({ id: 'DeployAnswer' });
export type DeployAnswer = z.output<typeof deployAnswer>;

function functionView(record: FunctionRecord): z.output<typeof functionSchema> {
  const { id, tenant, name, labels, generation } = record;
  return {
    id,
    tenant,
    name,
    labels,
    generation,
    createdAt: record.createdAt.toISOString(),
    path: `/fn/${tenant}/${name}/`,
  };
}

export function functionsRoutes(app: ApiApp, context: ApiContext): void {
  const { store } = context;

  app.get(
    '/v1/functions',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listFunctions',
        tags: ['functions'],
        summary: 'Functions of the tenant',
        querystring: listQuery.extend({
          activity: z
            .stringbool()
            .default(false)
            .describe('with what each did in the last hour, and what is held of it'),
        }),
        response: answers({ 200: pageSchema(listedFunction) }, ...KEYED),
      },
    },
    async (request) => {
      const { tenant } = callerOf(request);
      const { activity, ...query } = request.query;
      const page = await storePage(
        query,
        (place) => store.functions(tenant, place),
        (record) => record,
      );
      const activities = activity ? await functionActivity(context, tenant, page.items) : undefined;
      const items = page.items.map((record) => ({ ...functionView(record), activity: activities?.get(record.id) }));
      return { items, next: page.next };
    },
  );

  app.get(
    '/v1/functions/:name',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getFunction',
        tags: ['functions'],
        summary: 'A function with its aliases and its newest revision',
        params: functionParams,
        querystring: tenantQuery,
        response: answers({ 200: functionDetail }, ...KEYED, 404),
      },
    },
    async (request) => {
      const fn = await findFunction(context, callerOf(request).tenant, request.params.name);
      const [aliases, revisions] = await Promise.all([store.aliases(fn.id), store.revisions(fn.id)]);
      const [latest] = [...revisions].sort((a, b) => b.number - a.number);
      return { ...functionView(fn), aliases: aliases.map(aliasView), latest: latest ? revisionView(latest) : null };
    },
  );

  app.put(
    '/v1/functions/:name',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'deployFunction',
        tags: ['functions'],
        summary: 'Deploy: make the function or a new revision of it, and start the deployment',
        description:
          'Answers 202 when a deployment was started or joined, 200 when the same revision serves already or for a dry run. ' +
          'Equal code and configuration is the same revision, so a request may be repeated at will.',
        params: functionParams,
        querystring: tenantQuery.extend({
          dryRun: z.stringbool().default(false).describe('check everything, change nothing'),
        }),
        body: deployBody,
        response: answers({ 200: deployAnswer, 202: deployAnswer }, ...KEYED, 404, 413, 415),
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const { manifest, codeDigest, codeKind, alias, canary } = request.body;
      const checked = await checkDeploy(context, {
        tenant,
        name: request.params.name,
        manifest,
        codeDigest,
        codeKind,
        alias,
        canary,
      });
      if (request.query.dryRun) {
        noteUnchanged(request);
        return reply.code(200).send(await dryRun(context, checked));
      }
      const { code } = checked;
      if (code === null) {
        throw new PlatformError('invalid_argument', 'The request names no code.', {
          problems: [
            { path: 'codeDigest', message: 'is missing', hint: 'POST /v1/code answers with the digest to write here' },
          ],
        });
      }
      const before = await newestDigest(context, tenant, request.params.name);
      const { revision, created, deployment, started } = await deploy(
        { ...context, workflows: context.workflows.within(traceparentOf(request)) },
        { ...checked, code },
      );
      noteChange(request, { before, after: revision.digest });
      if (deployment) void reply.header('location', `/v1/deployments/${deployment.id}`);
      return reply.code(started ? 202 : 200).send({
        function: revision.function,
        revision: revision.number,
        digest: revision.digest,
        created,
        dryRun: false,
        deployment: deployment && deploymentView(deployment),
      });
    },
  );

  app.delete(
    '/v1/functions/:name',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'deleteFunction',
        tags: ['functions'],
        summary: 'Delete a function: its routes go at once, its instances when they are idle',
        params: functionParams,
        querystring: tenantQuery,
        response: answers({ 204: z.null().describe('Deleted') }, ...KEYED, 404),
      },
    },
    async (request, reply) => {
      const { tenant, principal } = callerOf(request);
      const fn = await findFunction(context, tenant, request.params.name);
      noteChange(request, { before: await newestDigest(context, tenant, fn.name), after: null });
      await retireFunction(context, fn, principal.keyId);
      return reply.code(204).send(null);
    },
  );
}

/** What the audit log compares a deploy by; null when there is no such function. */
async function newestDigest({ store }: ApiContext, tenant: string, name: string): Promise<string | null> {
  const fn = await store.findFunction(tenant, name);
  const revisions = fn ? await store.revisions(fn.id) : [];
  return [...revisions].sort((a, b) => b.number - a.number)[0]?.digest ?? null;
}

async function dryRun({ store }: ApiContext, checked: CheckedDeploy): Promise<z.output<typeof deployAnswer>> {
  const { name } = checked.manifest.metadata;
  const digest = checked.code && revisionDigest(checked.manifest.spec, checked.code);
  const fn = await store.findFunction(checked.tenant, name);
  const same = fn && digest ? (await store.revisions(fn.id)).find((revision) => revision.digest === digest) : undefined;
  return {
    function: name,
    revision: same?.number ?? null,
    digest,
    created: same === undefined,
    dryRun: true,
    deployment: null,
  };
}
