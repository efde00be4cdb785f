import { runTaskList, type WorkerPool } from 'graphile-worker';
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

const payloadSchema = z.object({ id: z.string(), functionId: z.string() });

/** Takes what is due from the queue and has it tried, for as long as the process lives; the database may come and go. */
export class WorkLoop implements AsyncWork {
  readonly #running = new Map<string, AbortController>();
  #pool: { readonly current: WorkerPool } | undefined;
  #stopping = false;
  #wake: (() => void) | undefined;
  readonly #ended: Promise<void>;

  constructor(
    private readonly db: Database,
    private readonly pgPool: Pool,
    private readonly options: AsyncWorkOptions,
    private readonly log: StoreLog | undefined,
  ) {
    this.#ended = this.#loop();
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    const timer = setTimeout(() => this.#running.forEach((controller) => controller.abort()), graceMs);
    void this.#pool?.current.gracefulShutdown('the gateway stops');
    const late = new Promise((resolve) => setTimeout(resolve, graceMs + STOP_GRACE_MS).unref());
    await Promise.race([this.#ended, late]);
    clearTimeout(timer);
  }

  /** One worker pool after the other: the library gives one up when it cannot say for long that its jobs are done. */
  async #loop(): Promise<void> {
    while (!this.#stopping) {
      const pool = runTaskList(
        {
          concurrency: this.options.slots,
          noHandleSignals: true,
          pollInterval: POLL_MS,
          forbiddenFlags: () => [...this.options.full()],
          logger: queueLogger(this.log),
        },
        { [TRY_TASK]: (payload) => this.#try(pool.id, payload) },
        this.pgPool,
      );
      // A pool is a promise of its end: it must not be returned or awaited by chance.
      this.#pool = { current: pool };
      const heartbeat = new Heartbeat(this.db, pool.id, this.options.gateway, this.#running, this.log);
      try {
        await pool.promise;
      } catch (error) {
        this.log?.warn({ err: error }, 'The queue of asynchronous invocations has stopped; starting it again');
      }
      await heartbeat.stop();
      await leave(this.db, pool.id).catch(() => undefined);
      if (!this.#stopping) await this.#pause(RESTART_MS);
    }
  }

  /** Never throws: the library would bring the job back later and later. */
  async #try(worker: string, payload: unknown): Promise<void> {
    const { id, functionId } = payloadSchema.parse(payload);
    const release = await this.options.admit(functionId);
    try {
      const claimed = await this.#claim(id, worker);
      if (!claimed) return;
      const key = `${id}/${claimed.try}`;
      const controller = new AbortController();
      this.#running.set(key, controller);
      await this.options.run(claimed, controller.signal).finally(() => this.#running.delete(key));
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
