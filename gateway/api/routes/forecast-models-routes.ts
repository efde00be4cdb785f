import { z } from 'zod';
import { isPlatformError, PlatformError } from '../../../core/error/platform-error';
import { FORECAST_MODEL_STATES } from '../../../core/forecast/model-state';
import { nameSchema } from '../../../core/function/manifest';
import { readArtefact } from '../../../drivers/image-store/read-artefact';
import type { ForecastModelRecord } from '../../../drivers/store/forecast-store';
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
  pageSchema,
  tenantQuery,
} from '../api-schemas';
import { noteChange } from '../audit/change-note';
import { findFunction } from '../find-function';

const modelSchema = z
  .object({
    id: z.string().describe('digest of its artefact'),
    state: z.enum(FORECAST_MODEL_STATES),
    reason: z.string().describe('why it is in this state'),
    parent: z.string().nullable().describe('the model that forecast while this one was trained'),
    network: z.string().nullable().describe('the network that it was validated with, and forecasts with'),
    window: z.object({ from: instant, to: instant }).describe('the minutes it was trained on'),
    dataDigest: z.string(),
    features: z.array(z.string()),
    members: z.array(z.string()),
    metrics: z.record(z.string(), z.number().nullable()).describe('on the holdout: the last part, not trained on'),
    workflowId: z.string(),
    createdAt: instant,
  })
  .meta({ id: 'ForecastModel' });

function modelView(record: ForecastModelRecord): z.output<typeof modelSchema> {
  const { id, state, reason, parent, network, dataDigest, features, members, metrics, workflowId } = record;
  const window = { from: record.windowFrom.toISOString(), to: record.windowTo.toISOString() };
  const createdAt = record.createdAt.toISOString();
  const copies = { features: [...features], members: [...members], metrics: { ...metrics } };
  return { id, state, reason, parent, network, window, dataDigest, ...copies, workflowId, createdAt };
}

/** Models of functions: which there are, back to an earlier one, and training new ones. */
export function forecastModelsRoutes(app: ApiApp, context: ApiContext): void {
  app.get(
    '/v1/functions/:name/forecast/models',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listForecastModels',
        tags: ['forecast'],
        summary: 'Forecast models of a function, newest first',
        params: functionParams,
        querystring: listQuery.extend({ state: z.enum(FORECAST_MODEL_STATES).optional() }),
        response: answers({ 200: pageSchema(modelSchema) }, ...KEYED, 404),
      },
    },
    async (request) => {
      const fn = await findFunction(context, callerOf(request).tenant, request.params.name);
      const { state, limit, cursor } = request.query;
      const page = await context.store.forecastModels({
        functionId: fn.id,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
        ...(state === undefined ? {} : { states: [state] }),
      });
      return { items: page.items.map(modelView), next: page.next };
    },
  );

  app.post(
    '/v1/functions/:name/forecast/models/:id/deploy',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'deployForecastModel',
        tags: ['forecast'],
        summary: 'Forecast with this model from now on: roll back, or forward',
        params: functionParams.extend({ id: digestSchema }),
        querystring: tenantQuery,
        body: z
          .strictObject({
            ifDeployed: digestSchema.nullable().optional().describe('refuse when another than this is deployed now'),
          })
          .nullish(),
        response: answers({ 200: modelSchema }, ...KEYED, 404, 409, 412),
      },
    },
    async (request) => {
      const { tenant, principal } = callerOf(request);
      const fn = await findFunction(context, tenant, request.params.name);
      const { id } = request.params;
      const model = await findModel(context, fn.id, id);
      await refuseUnreadable(context, model);
      const [before] = (await context.store.forecastModels({ functionId: fn.id, states: ['deployed'] })).items;
      const ifDeployed = request.body?.ifDeployed;
      await context.store.deployForecastModel({
        functionId: fn.id,
        id,
        reason: `chosen by ${principal.keyId}`,
        ...(ifDeployed === undefined ? {} : { ifDeployed }),
      });
      noteChange(request, { before: before?.id ?? null, after: id });
      return modelView(await findModel(context, fn.id, id));
    },
  );

  app.post(
    '/v1/forecast/retrain',
    {
      config: { scope: 'deploy' },
      schema: {
        operationId: 'retrainForecasts',
        tags: ['forecast'],
        summary: 'Train new models of the tenant’s functions, and deploy those that pass',
        querystring: tenantQuery,
        body: z
          .strictObject({
            functions: z.array(nameSchema).min(1).max(1_000).optional().describe('default: all of the tenant'),
            force: z.boolean().optional().describe('also those whose past has not changed since their last training'),
          })
          .nullish(),
        response: answers({ 202: z.object({ workflowId: z.string() }) }, ...KEYED, 404),
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const { functions, force } = request.body ?? {};
      for (const name of functions ?? []) await findFunction(context, tenant, name);
      const started = await context.workflows.within(traceparentOf(request)).startRetrain({
        tenant,
        reason: 'asked for by the API',
        ...(functions === undefined ? {} : { functions }),
        ...(force === undefined ? {} : { force }),
      });
      return reply.code(202).send({ workflowId: started.workflowId });
    },
  );
}

async function findModel(context: ApiContext, functionId: string, id: string): Promise<ForecastModelRecord> {
  const model = await context.store.findForecastModel(functionId, id);
  if (model) return model;
  throw new PlatformError('not_found', `The function has no forecast model ${id}.`, {
    hint: 'GET /v1/functions/{name}/forecast/models lists them.',
  });
}

/** A model that cannot be read must not take the place of one that can. */
async function refuseUnreadable(context: ApiContext, model: ForecastModelRecord): Promise<void> {
  try {
    for (const digest of [model.id, ...(model.network === null ? [] : [model.network])]) {
      await readArtefact(context.images, digest);
    }
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'artefact_refused') throw error;
    throw new PlatformError('conflict', `The model cannot be used: ${error.message}.`, { cause: error });
  }
}
