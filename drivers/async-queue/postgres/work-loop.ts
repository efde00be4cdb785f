import { EventEmitter } from 'node:events';
import { runTaskList, type WorkerEvents, type WorkerPool } from 'graphile-worker';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { StoreLog } from '../../store/postgres/connection-pool';
import type { Database } from '../../store/postgres/database-schema';
import type { AsyncClaim, AsyncWork, AsyncWorkOptions } from '../async-queue';
import { claim } from './claims';
import { TRY_TASK } from './jobs';
import { Heartbeat } from './heartbeat';
import { queueLogger } from './queue-logger';
import { leave } from './upkeep';

/** New work is told of at once; this often the worker looks for what has become due. */
const POLL_MS = 1_000;
const RESTART_MS = 1_000;
const LONGEST_CLAIM_PAUSE_MS = 2_000;
/** For the queue's own end after the last try. */
const STOP_GRACE_MS = 5_000;

type RunningTries = Map<string, AbortController>;

const payloadSchema = z.object({ id: z.string(), functionId: z.string() });

/** Takes what is due from the queue and has it tried, for as long as the process lives; the database may come and go. */
export class WorkLoop implements AsyncWork {
  /** Tries under way, by `id/try`, of each pool that lives. */
  readonly #running = new Set<RunningTries>();
  readonly #pools = new Set<WorkerPool>();
  readonly #endings = new Set<Promise<void>>();
  #stopping = false;
  #stopped: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  readonly #loop: Promise<void>;

  constructor(
    private readonly db: Database,
    private readonly pgPool: Pool,
    private readonly options: AsyncWorkOptions,
    private readonly log: StoreLog | undefined,
  ) {
    this.#loop = this.#run();
  }

  stop(graceMs: number): Promise<void> {
    return (this.#stopped ??= this.#stop(graceMs));
  }

  async #stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    const timer = setTimeout(() => this.#breakOff(), graceMs);
    for (const pool of this.#pools) void pool.gracefulShutdown('the gateway stops');
    const late = new Promise((resolve) => setTimeout(resolve, graceMs + STOP_GRACE_MS).unref());
    await Promise.race([this.#loop.then(() => Promise.all(this.#endings)), late]);
    clearTimeout(timer);
  }

  /**
   * One worker pool after the other: the library gives one up when it could not say that a job is done. What runs in it
   * may go on for long, and holds up nothing: the next pool begins meanwhile.
   */
  async #run(): Promise<void> {
    for (let first = true; !this.#stopping; first = false) {
      const events: WorkerEvents = new EventEmitter();
      const leaving = new Promise((resolve) => events.once('pool:gracefulShutdown', resolve));
      const ending = this.#session(events, first);
      this.#endings.add(ending);
      void ending.finally(() => this.#endings.delete(ending));
      await leaving;
      if (!this.#stopping) await this.#pause(RESTART_MS);
    }
  }

  #breakOff(): void {
    for (const tries of this.#running) for (const controller of tries.values()) controller.abort();
  }

  /** The life of one pool; resolves when all that it ran has ended. */
  async #session(events: WorkerEvents, first: boolean): Promise<void> {
    const running: RunningTries = new Map();
    this.#running.add(running);
    const pool: WorkerPool = runTaskList(
      {
        concurrency: this.options.slots,
        noHandleSignals: true,
        pollInterval: POLL_MS,
        forbiddenFlags: () => [...this.options.full()],
        logger: queueLogger(this.log),
        events,
        // In batches, be they of one: only then the library minds a failure instead of letting the process die of it.
        preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      },
      { [TRY_TASK]: (payload) => this.#try(pool.id, running, payload) },
      this.pgPool,
    );
    this.#pools.add(pool);
    const replaces = first ? this.options.gateway : null;
    const heartbeat = new Heartbeat(
      this.db,
      { id: pool.id, gateway: this.options.gateway, replaces },
      running,
      this.log,
    );
    try {
      await pool.promise;
    } catch (error) {
      this.log?.warn({ err: error }, 'A worker of asynchronous invocations was given up; another one goes on');
    }
    this.#pools.delete(pool);
    this.#running.delete(running);
    await heartbeat.stop();
    await leave(this.db, pool.id).catch(() => undefined);
  }

  /** Never throws: the library would bring the job back later and later. */
  async #try(worker: string, running: RunningTries, payload: unknown): Promise<void> {
    const { id, functionId } = payloadSchema.parse(payload);
    const release = await this.options.admit(functionId);
    try {
      const claimed = await this.#claim(id, worker);
      if (!claimed) return;
      const key = `${id}/${claimed.try}`;
      const controller = new AbortController();
      running.set(key, controller);
      await this.options.run(claimed, controller.signal).finally(() => running.delete(key));
    } finally {
      release();
    }
  }

  async #claim(id: string, worker: string): Promise<AsyncClaim | null> {
    for (let pauseMs = 100; !this.#stopping; pauseMs = Math.min(pauseMs * 2, LONGEST_CLAIM_PAUSE_MS)) {
      try {
        return await claim(this.db, id, worker);
      } catch (error) {
        this.log?.warn({ err: error, invocation: id }, 'An asynchronous invocation waits for the database');
        await this.#pause(pauseMs);
      }
    }
    // It has lost its wake-up, which the next upkeep of any gateway gives back.
    return null;
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
