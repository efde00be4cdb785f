import path from 'node:path';
import type { Registry } from 'prom-client';
import type { Logger } from 'pino';
import { openPostgresAsyncQueue } from '../../drivers/async-queue/postgres';
import { createLocalImageStore } from '../../drivers/image-store/local/local-image-store';
import type { Store } from '../../drivers/store/store';
import type { RateLimits } from '../../gateway/admission/rate-limits';
import type { AsyncPort } from '../../gateway/api/api-context';
import { AsyncDoor } from '../../gateway/async/async-door';
import { AsyncExecutor } from '../../gateway/async/async-executor';
import { AsyncUpkeep } from '../../gateway/async/async-upkeep';
import { BodyKeeper } from '../../gateway/async/body-keeper';
import { ReportSpool } from '../../gateway/async/report-spool';
import { TryRunner } from '../../gateway/async/try-runner';
import { WebhookDoor } from '../../gateway/async/webhook-door';
import type { RequestAuthenticator } from '../../gateway/auth/request-authenticator';
import type { InvocationContext } from '../../gateway/invocation/invocation-context';
import { invocationId } from '../../gateway/invocation/invocation-id';
import type { RouteTable } from '../../gateway/invocation/route-table';
import type { SecretReader } from '../../gateway/invocation/run-spec-source';
import { registerAsyncMetrics, type AsyncMetrics } from '../../gateway/metrics/async-metrics';
import type { Config } from '../config';

export interface AsyncPartsContext {
  readonly config: Config;
  /** The name of this gateway. */
  readonly gateway: string;
  readonly store: Store;
  readonly routes: RouteTable;
  readonly auth: RequestAuthenticator;
  /** Counted when an invocation is accepted, not at its tries. */
  readonly rates: RateLimits;
  readonly invocations: Omit<InvocationContext, 'auth'>;
  /** Ids of functions that there is no money for. */
  readonly exhausted: () => readonly string[];
  readonly readSecrets: SecretReader;
  readonly masterKeys: readonly [Buffer, ...Buffer[]];
  readonly log: Logger;
}

/** What a gateway needs to take invocations in that nobody waits for, and to make their tries. */
export interface AsyncParts {
  readonly door: AsyncDoor;
  readonly port: AsyncPort;
  measure(registry: Registry): void;
  /** The database may be away. */
  start(): Promise<void>;
  /** Takes no more tries; those under way may end for `graceMs`. */
  stopWork(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Composes them; nothing runs before `start`. */
export function createAsyncParts(context: AsyncPartsContext): AsyncParts {
  const { config, gateway, store, routes, auth, rates, invocations, log } = context;
  const queue = openPostgresAsyncQueue(config.postgres.url ?? '', { newId: () => invocationId(Date.now()), log });
  // Apart from code and checkpoints: these come and go with each large body.
  const images = createLocalImageStore(path.join(config.dataDir, 'async-bodies'));
  const bodies = new BodyKeeper(images);
  let metrics: AsyncMetrics | undefined;
  const { maxBodyBytes } = invocations;
  const door = new AsyncDoor({
    queue,
    bodies,
    routes,
    auth,
    rates,
    log,
    maxBodyBytes,
    accepted: (origin) => metrics?.accepted(origin),
  });
  const executor = new AsyncExecutor({
    queue,
    bodies,
    routes,
    runner: new TryRunner({ invocations, bodies }),
    spool: new ReportSpool(path.join(config.dataDir, 'async-reports', gateway)),
    gateway,
    slots: config.gateway.asyncSlots,
    log,
    random: Math.random,
    exhausted: context.exhausted,
    tried: (report) => metrics?.tried(report),
  });
  const upkeep = new AsyncUpkeep({ queue, store, images, now: () => new Date(), log });
  const { readSecrets, masterKeys } = context;
  return {
    door,
    port: { queue, bodies, webhooks: new WebhookDoor({ door, routes, readSecrets, masterKeys }) },
    measure: (registry) => (metrics = registerAsyncMetrics(registry, queue, () => performance.now())),
    start: async () => {
      executor.start();
      await upkeep.start();
    },
    stopWork: async (graceMs) => {
      await upkeep.stop();
      await executor.stop(graceMs);
    },
    close: () => queue.close(),
  };
}
