import Fastify, { type FastifyInstance } from 'fastify';
import pino from 'pino';
import type { Registry } from 'prom-client';
import { costSettingsSchema, priceTableOf } from '../../core/cost/cost-settings';
import type { ApiContext } from '../../gateway/api/api-context';
import { registerApi } from '../../gateway/api/register-api';
import { ownVersion } from '../../workers/own-version';

/**
 * The control API with all its routes and metrics and nothing behind them: it can say what it is, and answer nothing. For
 * documents that are made from it.
 * @param metrics takes the metrics that the API declares
 */
export async function paperGateway(metrics: Registry): Promise<FastifyInstance> {
  const log = pino({ level: 'silent' });
  const app = Fastify({ loggerInstance: log }) as unknown as FastifyInstance;
  const declared: Partial<ApiContext> = {
    async: {} as ApiContext['async'],
    nodes: () => [],
    maxCodeBytes: 1,
    metrics,
    prices: priceTableOf(costSettingsSchema.parse({})),
    version: { ...ownVersion(), commit: null },
    now: () => new Date(),
  };
  await registerApi(app, declared as ApiContext);
  await app.ready();
  return app;
}
