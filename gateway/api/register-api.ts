import type { FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { registerBudgetMetrics } from '../metrics/budget-metrics';
import { registerAdviceMetrics } from '../metrics/advice-metrics';
import { registerDependencyMetrics } from '../metrics/dependency-metrics';
import { registerForecastMetrics } from '../metrics/forecast-metrics';
import { registerNodeCounters } from '../metrics/node-counters';
import { NodeStats } from '../metrics/node-stats';
import { registerLedgerMetrics } from '../metrics/ledger-metrics';
import { registerPlacementMetrics } from '../metrics/placement-metrics';
import { registerPlatformMetrics } from '../metrics/platform-metrics';
import { registerMigrationMetrics } from '../metrics/migration-metrics';
import { registerWarmingMetrics } from '../metrics/warming-metrics';
import { measureRequests } from '../metrics/request-metrics';
import { consoleRoutes } from '../console/console-routes';
import { traceRequests } from '../tracing/api-traces';
import { accessGuard } from './access-guard';
import type { ApiContext } from './api-context';
import { replyToUnknownRoute, replyWithProblem } from './api-errors';
import { auditChanges } from './audit/audit-changes';
import { EventStreams } from './event-stream';
import { registerOpenApi } from './openapi';
import { ReadinessProbe } from './readiness';
import { adviceRoutes } from './routes/advice-routes';
import { aliasesRoutes } from './routes/aliases-routes';
import { auditRoutes } from './routes/audit-routes';
import { asyncRoutes } from './routes/async-routes';
import { budgetsRoutes } from './routes/budgets-routes';
import { checkpointsRoutes } from './routes/checkpoints-routes';
import { codeRoutes } from './routes/code-routes';
import { courtRoutes } from './routes/court-routes';
import { countsRoutes } from './routes/counts-routes';
import { deploymentsRoutes } from './routes/deployments-routes';
import { doctorRoutes } from './routes/doctor-routes';
import { eventsRoutes } from './routes/events-routes';
import { costRoutes } from './routes/cost-routes';
import { ledgerCheckRoutes } from './routes/ledger-check-routes';
import { ledgerRoutes } from './routes/ledger-routes';
import { explanationRoutes } from './routes/explanation-routes';
import { forecastModelsRoutes } from './routes/forecast-models-routes';
import { forecastRoutes } from './routes/forecast-routes';
import { functionsRoutes } from './routes/functions-routes';
import { historyRoutes } from './routes/history-routes';
import { healthRoutes } from './routes/health-routes';
import { instancesRoutes } from './routes/instances-routes';
import { invocationsRoutes } from './routes/invocations-routes';
import { joinRoutes } from './routes/join-routes';
import { keysRoutes } from './routes/keys-routes';
import { limitsRoutes } from './routes/limits-routes';
import { logsRoutes } from './routes/logs-routes';
import { migrationsRoutes } from './routes/migrations-routes';
import { placementPlansRoutes } from './routes/placement-plans-routes';
import { placementRoutes } from './routes/placement-routes';
import { nodesRoutes } from './routes/nodes-routes';
import { overviewRoutes } from './routes/overview-routes';
import { revisionsRoutes } from './routes/revisions-routes';
import { schemaRoutes } from './routes/schema-routes';
import { secretsRoutes } from './routes/secrets-routes';
import { statusRoutes } from './routes/status-routes';
import { tenantsRoutes } from './routes/tenants-routes';
import { trafficRoutes } from './routes/traffic-routes';
import { triggersRoutes } from './routes/triggers-routes';
import { warmingRoutes } from './routes/warming-routes';
import { warmthRoutes } from './routes/warmth-routes';
import { workflowsRoutes } from './routes/workflows-routes';
import { whoamiRoutes } from './routes/whoami-routes';
import { Scrapes } from './scrapes';

/** JSON bodies are manifests at most. */
const JSON_BODY_BYTES = 1024 * 1024;

/**
 * Puts the control API, its documents, probes and metrics on `app`, and makes every failure of `app`, its own included,
 * a problem document. Call it once, before other routes set handlers of their own.
 */
export async function registerApi(app: FastifyInstance, context: ApiContext): Promise<void> {
  app.setErrorHandler((error, request, reply) => replyWithProblem(error, request, reply));
  app.setNotFoundHandler((request, reply) => replyToUnknownRoute(app, request, reply));
  const now = (): number => context.now().getTime();
  const nodeStats = new NodeStats(context.nodes, now);
  const probe = new ReadinessProbe(context, nodeStats);
  const scrapes = new Scrapes();
  const streams = new EventStreams(context.heartbeatMs);
  registerForecastMetrics(context.metrics, context.store, now);
  registerWarmingMetrics(context.metrics, { nodeStats, store: context.store, now });
  registerMigrationMetrics(context.metrics, context.store, now);
  registerLedgerMetrics(context.metrics, { store: context.store, now });
  registerPlacementMetrics(context.metrics, { store: context.store, now });
  registerBudgetMetrics(context.metrics, context.store, now);
  registerAdviceMetrics(context.metrics, { store: context.store, now });
  registerDependencyMetrics(context.metrics, probe);
  registerNodeCounters(context.metrics, nodeStats);
  registerPlatformMetrics(context.metrics, { nodeStats, store: context.store, now }, context.version);

  if (context.console) consoleRoutes(app, context.console, context);

  await app.register(async (scope) => {
    const api = scope.withTypeProvider<ZodTypeProvider>();
    api.setValidatorCompiler(validatorCompiler);
    api.setSerializerCompiler(serializerCompiler);
    await registerOpenApi(api, context);
    await api.register(async (guarded) => {
      const routes = guarded.withTypeProvider<ZodTypeProvider>();
      measureRequests(routes, context.metrics);
      acceptEmptyJson(routes);
      routes.decorateRequest('apiCaller', null);
      routes.decorateRequest('apiPrincipal', null);
      routes.decorateRequest('apiSpan', null);
      if (context.tracer) traceRequests(routes, context.tracer);
      auditChanges(routes, context);
      routes.addHook('onRoute', (route) => void (route.bodyLimit ??= JSON_BODY_BYTES));
      routes.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
      routes.addHook('onRequest', accessGuard(context));
      routes.addHook('preClose', async () => streams.closeAll());
      functionsRoutes(routes, context);
      revisionsRoutes(routes, context);
      aliasesRoutes(routes, context);
      deploymentsRoutes(routes, context);
      checkpointsRoutes(routes, context);
      invocationsRoutes(routes, context);
      explanationRoutes(routes, context);
      costRoutes(routes, context);
      ledgerRoutes(routes, context);
      ledgerCheckRoutes(routes, context);
      adviceRoutes(routes, context);
      asyncRoutes(routes, context);
      countsRoutes(routes, context);
      trafficRoutes(routes, context);
      forecastRoutes(routes, context);
      forecastModelsRoutes(routes, context);
      warmthRoutes(routes, context);
      instancesRoutes(routes, context);
      migrationsRoutes(routes, context);
      placementRoutes(routes, context);
      placementPlansRoutes(routes, context);
      limitsRoutes(routes, context);
      budgetsRoutes(routes, context);
      logsRoutes(routes, context, streams);
      eventsRoutes(routes, context, streams);
      secretsRoutes(routes, context);
      keysRoutes(routes, context);
      whoamiRoutes(routes);
      overviewRoutes(routes, context);
      auditRoutes(routes, context);
      tenantsRoutes(routes, context);
      nodesRoutes(routes, context);
      joinRoutes(routes, context);
      statusRoutes(routes, context, nodeStats, probe);
      warmingRoutes(routes, context);
      courtRoutes(routes, context);
      healthRoutes(routes, context, probe, scrapes);
      doctorRoutes(routes, context, scrapes);
      workflowsRoutes(routes, context);
      schemaRoutes(routes);
      await codeRoutes(routes, context);
      await historyRoutes(routes, context);
      await triggersRoutes(routes, context);
    });
  });
}

/** Clients send `content-type: application/json` with no body at all, e.g. for a rollback: that is no body. */
function acceptEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body as string, done);
  });
}
