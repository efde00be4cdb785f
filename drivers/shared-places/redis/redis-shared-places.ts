import { createHash } from 'node:crypto';
import type { SharedRedis } from '../../redis/shared-redis';
import type { PlacesAsk, SharedPlaces } from '../shared-places';
import { LEND_SCRIPT } from './lend-script';

const DIGEST = createHash('sha1').update(LEND_SCRIPT).digest('hex');

/**
 * Loans in Redis.
 * @param gateway its name among all gateways, the same after a restart: what the process before had is its own
 * @param ttlMs how long a loan lasts that is not renewed
 */
export function createRedisSharedPlaces(redis: SharedRedis, gateway: string, ttlMs: number): SharedPlaces {
  const { connection, circuit, prefix } = redis;
  const lend = async ({ key, cap, inUse, wanted }: PlacesAsk): Promise<number> => {
    const args = [gateway, cap, inUse, wanted, ttlMs] as const;
    const name = `${prefix}places:${key}`;
    try {
      return Number(await connection.evalsha(DIGEST, 1, name, ...args));
    } catch (error) {
      // A Redis that was started anew knows no scripts.
      if (!String(error).includes('NOSCRIPT')) throw error;
      return Number(await connection.eval(LEND_SCRIPT, 1, name, ...args));
    }
  };
  return {
    lend: (ask) => circuit.run(() => lend(ask)),
    get usable() {
      return circuit.usable;
    },
    onChange: (listener) => circuit.listen(listener),
  };
}
