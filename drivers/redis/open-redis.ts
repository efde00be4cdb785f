import { isIP } from 'node:net';
import { Cluster, Redis } from 'ioredis';
import { bareHost } from '../../core/network/bare-host';
import type { RedisSettings } from './redis-settings';

/** A connection to one Redis, to the master behind Sentinels, or to a cluster. */
export type RedisConnection = Redis | Cluster;

const CONNECT_TIMEOUT_MS = 2_000;
const LONGEST_RECONNECT_MS = 1_000;

/**
 * Connects by itself, again and again. A command fails at once while there is no connection, and none is ever sent twice:
 * what it counts would be counted twice.
 */
export function openRedis(settings: RedisSettings): RedisConnection {
  const [first = 'redis://127.0.0.1:6379'] = settings.urls;
  const { tls, username, password, db } = partsOf(first, settings.ca);
  const reconnect = (attempt: number): number => Math.min(LONGEST_RECONNECT_MS, 50 * 2 ** Math.min(attempt, 6));
  const options = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    // A server that answers nothing does not answer the farewell either.
    disconnectTimeout: 200,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: reconnect,
  };
  const nodes = settings.urls.map((url) => partsOf(url, settings.ca)).map(({ host, port }) => ({ host, port }));
  const connection = connect();
  // Who uses it learns of a lost connection by the commands that fail.
  connection.on('error', () => undefined);
  return connection;

  function connect(): RedisConnection {
    if (settings.cluster) {
      return new Cluster(nodes, {
        redisOptions: options,
        enableOfflineQueue: false,
        clusterRetryStrategy: reconnect,
        slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
        retryDelayOnFailover: 50,
        retryDelayOnClusterDown: 50,
        // Else each name is resolved once, and its address dialled for good.
        dnsLookup: (address, done) => done(null, address),
      });
    }
    if (settings.sentinelMaster !== undefined) {
      return new Redis({ ...options, db, sentinels: nodes, name: settings.sentinelMaster });
    }
    return new Redis({ ...options, db, ...(nodes[0] ?? {}) });
  }
}

/** @throws TypeError for what is no URL; the settings were checked before */
function partsOf(text: string, ca: string | undefined) {
  const url = new URL(text);
  const secured = url.protocol === 'rediss:';
  const host = bareHost(url.hostname);
  // Of a cluster too: its nodes name each other by addresses, and are certified by the name that was configured.
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return {
    host,
    port: Number(url.port || '6379'),
    db: Number(url.pathname.slice(1) || '0'),
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    tls: secured ? { ...servername, ...(ca === undefined ? {} : { ca }) } : undefined,
  };
}
