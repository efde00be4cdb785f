import { Redis } from 'ioredis';
import { openRedis, type RedisConnection } from './open-redis';
import { RedisCircuit } from './redis-circuit';
import type { RedisSettings } from './redis-settings';

/** Redis for all parts of a process that use it: one connection, and one opinion of whether it can be had. */
export interface SharedRedis {
  readonly connection: RedisConnection;
  readonly circuit: RedisCircuit;
  readonly prefix: string;
  close(): void;
}

/** A connection that is not there yet counts as away only after the first try. */
export function shareRedis(settings: RedisSettings): SharedRedis {
  const connection = openRedis(settings);
  const { timeoutMs, prefix } = settings;
  const ready = firstOf(connection);
  const circuit = new RedisCircuit({ ping: () => ready.then(() => pingAll(connection)), timeoutMs });
  return {
    connection,
    circuit,
    prefix,
    close: () => {
      circuit.close();
      connection.disconnect();
    },
  };
}

/** Of a cluster every master must answer: each holds a part of the keys. */
async function pingAll(connection: RedisConnection): Promise<void> {
  if (connection instanceof Redis) {
    await connection.ping();
    return;
  }
  const masters = connection.nodes('master');
  if (masters.length === 0) throw new Error('no node of the cluster answers');
  await Promise.all(masters.map((master) => master.ping()));
}

/** Resolves with the first connection, or the first failure to make one; afterwards commands fail by themselves. */
function firstOf(connection: RedisConnection): Promise<void> {
  return new Promise((resolve) => {
    connection.once('ready', () => resolve());
    connection.once('close', () => resolve());
  });
}
