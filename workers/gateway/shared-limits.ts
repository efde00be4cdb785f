import { Gauge, type Registry } from 'prom-client';
import type { Logger } from 'pino';
import type { Limiter } from '../../drivers/limiter/limiter';
import { createMemoryLimiter } from '../../drivers/limiter/memory/memory-limiter';
import { createRedisLimiter } from '../../drivers/limiter/redis/redis-limiter';
import { shareRedis } from '../../drivers/redis/shared-redis';
import { readSettingFile } from '../../drivers/setting-file';
import { createRedisSharedPlaces } from '../../drivers/shared-places/redis/redis-shared-places';
import type { SharedPlaces } from '../../drivers/shared-places/shared-places';
import type { Store } from '../../drivers/store/store';
import type { Config } from '../config';

/** How long what a gateway was lent of caps outlives it. */
const LOAN_MS = 5_000;

export interface SharedLimits {
  readonly limiter: Limiter;
  /** Null without a Redis: caps are each gateway's own. */
  readonly places: SharedPlaces | null;
  measure(registry: Registry): void;
  /** Resolves when Redis has answered or failed to; at once without one. */
  open(): Promise<void>;
  close(): void;
}

/** What gateways count together: in Redis where one is configured, else each counts for itself. */
export function createSharedLimits(
  { redis }: Pick<Config, 'redis'>,
  gateway: string,
  store: Pick<Store, 'writeEvents'>,
  log: Logger,
): SharedLimits {
  let degraded = false;
  const measure = (registry: Registry): void => {
    new Gauge({
      name: 'presage_limiter_degraded',
      help: '1 while Redis is lost and this gateway counts rates and caps for itself.',
      registers: [registry],
      // Of several gateways on one port.
      aggregator: 'max',
      collect() {
        this.set(degraded ? 1 : 0);
      },
    });
  };
  if (redis.url === undefined) {
    const limiter = createMemoryLimiter();
    return { limiter, places: null, measure, open: () => Promise.resolve(), close: () => undefined };
  }
  const shared = shareRedis({
    urls: redis.url,
    cluster: redis.cluster,
    sentinelMaster: redis.sentinelMaster,
    prefix: redis.prefix,
    ca: redis.caFile === undefined ? undefined : readSettingFile('redis.caFile', redis.caFile).toString(),
    timeoutMs: redis.timeout,
  });
  const tell = (type: string, data: Record<string, unknown>): void =>
    // While the store is away too, log and metric have to do.
    void store
      .writeEvents([{ at: new Date(), tenant: null, type, function: null, node: null, data: { gateway, ...data } }])
      .catch(() => undefined);
  shared.circuit.listen((lost) => {
    if (lost) {
      degraded = true;
      log.warn(
        { event: 'limiter.degraded', err: lost },
        'Redis is lost: until it is back each gateway holds every limit by its own count, so that all together may let through more',
      );
      tell('limiter.degraded', { reason: lost.message });
    } else if (degraded) {
      degraded = false;
      log.info({ event: 'limiter.restored' }, 'Redis is back: the gateways count together again');
      tell('limiter.restored', {});
    }
  });
  return {
    limiter: createRedisLimiter(shared),
    places: createRedisSharedPlaces(shared, gateway, LOAN_MS),
    measure,
    open: () => shared.circuit.known,
    close: () => shared.close(),
  };
}
