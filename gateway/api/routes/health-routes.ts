import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { OPEN_METRICS_TYPE, openMetricsText, wantsOpenMetrics } from '../../metrics/open-metrics-text';
import { isOperator } from '../access-guard';
import type { ApiApp } from '../api-app';
import type { ApiContext } from '../api-context';
import { answers } from '../api-schemas';
import type { ReadinessProbe } from '../readiness';
import type { Scrapes } from '../scrapes';

export const checkSchema = z
  .object({ name: z.string(), ok: z.boolean(), required: z.boolean(), detail: z.string() })
  .meta({ id: 'Check' });
const none = z.strictObject({});

export function healthRoutes(app: ApiApp, context: ApiContext, probe: ReadinessProbe, scrapes: Scrapes): void {
  app.get(
    '/livez',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'livez',
        tags: ['health'],
        summary: 'Does the process answer?',
        security: [],
        querystring: none,
        response: answers({ 200: z.object({ status: z.literal('live') }) }),
      },
    },
    async () => ({ status: 'live' as const }),
  );

  app.get(
    '/readyz',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'readyz',
        tags: ['health'],
        summary: 'Can invocations be served?',
        description:
          '503 when they cannot. `degraded`: they can, but something else is away, e.g. Temporal, so that deploys wait.',
        security: [],
        querystring: z.strictObject({
          verbose: z.stringbool({ truthy: ['', 'true', '1'], falsy: ['false', '0'] }).default(false),
        }),
        response: answers(
          { 200: z.object({ status: z.enum(['ready', 'degraded']), checks: z.array(checkSchema).optional() }) },
          503,
        ),
      },
    },
    async (request) => {
      const { status, checks } = await probe.readiness();
      if (status !== 'unready')
        return { status, ...(request.query.verbose ? { checks: checks.map((item) => ({ ...item })) } : {}) };
      const failed = checks.filter((item) => !item.ok);
      throw new PlatformError(
        'unavailable',
        `Not ready: ${failed.map((item) => `${item.name} ${item.detail}`).join(', ')}`,
        {
          problems: failed.map((item) => ({ path: item.name, message: item.detail })),
          retryAfterSeconds: 1,
        },
      );
    },
  );

  app.get(
    '/version',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'version',
        tags: ['health'],
        summary: 'What runs here',
        security: [],
        querystring: none,
        response: answers({
          200: z.object({
            name: z.string(),
            version: z.string(),
            commit: z.string().nullable(),
            node: z.string(),
            api: z.string(),
          }),
        }),
      },
    },
    async () => ({ name: 'presage', ...context.version, node: process.version, api: 'v1' }),
  );

  app.get(
    '/metrics',
    {
      config: { scope: 'open' },
      schema: {
        operationId: 'metrics',
        tags: ['health'],
        summary: 'Metrics in the Prometheus text format',
        description:
          'Open to this machine; from elsewhere with an admin key of the tenant `default`, for the labels name functions of all tenants. In the OpenMetrics format, with exemplars, for who asks for it and for one gateway alone.',
        querystring: none,
        response: answers(
          {
            200: {
              description: 'Metrics',
              content: { 'text/plain': { schema: z.string() }, 'application/openmetrics-text': { schema: z.string() } },
            },
          },
          401,
          403,
        ),
      },
    },
    async (request, reply) => {
      if (!isLocal(request) && !isOperator(await context.auth.authenticate(request.headers))) {
        throw new PlatformError(
          'forbidden',
          'Metrics name functions of all tenants: this needs an admin key of the tenant default.',
        );
      }
      scrapes.note(context.now());
      const { metrics, allMetrics } = context;
      // What several gateways say together has no exemplars.
      if (!allMetrics && wantsOpenMetrics(request.headers.accept)) {
        return reply.header('content-type', OPEN_METRICS_TYPE).send(await openMetricsText(metrics));
      }
      return reply.header('content-type', metrics.contentType).send(await (allMetrics?.() ?? metrics.metrics()));
    },
  );
}

/** From this very machine, not passed on by a proxy on it, and in nobody's name: who shows a key is held to it. */
function isLocal({ raw, headers }: FastifyRequest): boolean {
  if (headers.authorization !== undefined || headers['x-api-key'] !== undefined) return false;
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false;
  const address = raw.socket.remoteAddress ?? '';
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}
