import { PlatformError, toPlatformError } from '../../core/error/platform-error';
import { nextRung, type LadderStep, type Obstacle } from '../../core/start/next-rung';
import { startCause } from '../../core/start/start-cause';
import { phasesSeen } from '../../core/start/start-phases';
import type { StartKind, StartPhases, StartCause } from '../../core/start/start';
import type { Instance } from '../instance/instance';
import type { InstanceLife } from '../instance/instance-life';
import type { CheckpointCatalog, PublishedCheckpoint } from '../revision/checkpoint-catalog';
import type { RevisionMemory } from '../revision/revision-memory';
import type { MemoryBudget } from '../../core/agent/memory-budget';
import type { StartGate } from '../../core/agent/start-gate';
import type { PoolStarter } from './pool-starter';
import { available, type PoolStart, type RevisionPool, type Waiter } from './revision-pool';
import type { RoomMaker } from './room-maker';
import { deadlineError, pausedError } from './start-errors';

/** An instance for one who waited, and what it took. */
export interface Grant extends StartPhases {
  readonly instance: Instance;
  readonly kind: StartKind;
  readonly cause: StartCause | null;
}

export interface AcquireWish {
  readonly gatewayId: string;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

export interface StartLedgerOptions {
  readonly life: InstanceLife;
  readonly memory: MemoryBudget;
  readonly gates: { readonly restore: StartGate; readonly cold: StartGate };
  readonly room: RoomMaker;
  readonly starter: PoolStarter;
  readonly revisions: RevisionMemory;
  /** The checkpoint that this node can restore for a pool, if any. */
  readonly checkpointOf: (pool: RevisionPool) => ReturnType<CheckpointCatalog['usable']>;
  /** Asks the gateway in whose name it sleeps. False: it is not to be had. */
  readonly recall: (instance: Instance) => Promise<boolean>;
  /** An instance is leased from now on; called before the one who waited for it knows. */
  readonly leased: (pool: RevisionPool, instance: Instance) => void;
  /** An instance of the pool became free, or something else changed that its plan depends on. */
  readonly available: (pool: RevisionPool, instance: Instance | null) => void;
}

/** Failed starts after which one who waits is told, and after which a function that cannot start is left alone for a while. */
const TRIES = 2;
const TRIES_TO_PAUSE = 3;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** A wish waits for the end of a shorter pause; a longer one means that the function is broken, and the wish is told so. */
const WORTH_WAITING_MS = 500;

/**
 * One queue per revision: whoever waits shares the starts under way, the one who has waited longest is served first by
 * whatever becomes free first, and nobody gets an error before the deadline unless the function itself cannot start.
 */
export class StartLedger {
  readonly #options: StartLedgerOptions;
  /** Grants since the agent started, by kind. */
  readonly granted: Record<StartKind, number> = { hot: 0, warm: 0, restore: 0, cold: 0 };

  constructor(options: StartLedgerOptions) {
    this.#options = options;
  }

  /** @throws PlatformError capacity, start_timeout (deadline), start_failed; `unavailable` when the signal aborts */
  acquire(pool: RevisionPool, wish: AcquireWish): Promise<Grant> {
    const { gatewayId, deadlineMs, signal } = wish;
    const since = performance.now();
    if (pool.retryAt - since > WORTH_WAITING_MS && pool.lastFailure && pool.instances.size === 0) {
      return Promise.reject(pausedError(pool.lastFailure, pool.retryAt - since));
    }
    return new Promise((resolve, reject) => {
      const settled = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
      };
      const waiter: Waiter = {
        gatewayId,
        since,
        failures: 0,
        grant: (instance) => {
          settled();
          resolve(this.#grant({ since, instance }));
        },
        fail: (error) => {
          settled();
          reject(error);
        },
      };
      const giveUp = (error: PlatformError): void => {
        const index = pool.waiters.indexOf(waiter);
        if (index >= 0) pool.waiters.splice(index, 1);
        waiter.fail(error);
      };
      const timer = setTimeout(() => giveUp(deadlineError(pool, deadlineMs)), deadlineMs);
      const aborted = (): void => giveUp(new PlatformError('unavailable', 'The gateway does not wait any more'));
      signal?.addEventListener('abort', aborted, { once: true });
      pool.waiters.push(waiter);
      this.pump(pool);
    });
  }

  /** Serves and starts what it can now; ends when nobody waits or an obstacle is in the way. */
  pump(pool: RevisionPool): void {
    for (;;) {
      const next = this.#nextStep(pool);
      if (next.step === 'done') return;
      if (next.step === 'wait') {
        this.#wait(pool, next.for);
        return;
      }
      if (next.step === 'hot') this.#serve(pool);
      else if (next.step === 'warm') void this.thaw(pool);
      else if (!this.start(pool, next.step, false)) {
        this.#wait(pool, 'memory');
        return;
      }
    }
  }

  /** Thaws the newest frozen instance for whoever waits then. */
  async thaw(pool: RevisionPool, chosen = pool.newest('frozen')): Promise<void> {
    if (!chosen || !available(chosen)) return;
    const { recall } = this.#options;
    const free = chosen.parking === 'none' || ((await recall(chosen)) && chosen.state === 'frozen');
    const thawed = free && (await this.#thaw(pool, chosen));
    this.#options.available(pool, thawed ? chosen : null);
  }

  /**
   * Wakes a frozen instance for the gateway that has sent its request to it already; its lease begins before it runs.
   * @throws PlatformError not_found: it ended on the way
   */
  async wake(pool: RevisionPool, instance: Instance, gatewayId: string): Promise<Grant> {
    const since = performance.now();
    const lease = (instance.lease = { gatewayId, since: Date.now() });
    // Its request waits in its socket: all else is done while it runs.
    const thawing = instance.state === 'frozen' ? this.#thaw(pool, instance) : true;
    this.#options.leased(pool, instance);
    const thawed = await thawing;
    if (!thawed || instance.lease !== lease) {
      if (thawed) this.#options.available(pool, instance);
      throw new PlatformError('not_found', `Instance ${instance.id} could not be woken`);
    }
    instance.state = 'leased';
    return this.#grant({ since, instance });
  }

  async #thaw(pool: RevisionPool, instance: Instance): Promise<boolean> {
    const begun = performance.now();
    const thawing = this.#options.life.thaw(instance);
    const facts = this.#options.starter.facts(pool);
    const thawed = await thawing;
    const running = performance.now();
    if (thawed) {
      const cause = startCause({ ...facts, kind: 'warm', restoreFailed: false });
      instance.arrival = { begun, running, ready: running, kind: 'warm', cause };
    }
    return thawed;
  }

  /** Begins a start; the caller knows that the gate has a place. False when there is no memory after all. */
  start(pool: RevisionPool, rung: 'restore' | 'cold', background: boolean): boolean {
    const { room, gates, starter, checkpointOf, memory } = this.#options;
    const checkpoint: PublishedCheckpoint | null = rung === 'restore' ? checkpointOf(pool) : null;
    const taken = room.take(pool.run, !background);
    if (!taken) return false;
    gates[rung].take();
    const facts = starter.facts(pool);
    const start: PoolStart = { decidedAt: performance.now(), background };
    pool.starts.add(start);
    void starter.start({ pool, rung, checkpoint, facts, room: taken, background }).then(
      (instance) => {
        pool.starts.delete(start);
        if (instance.ended) {
          memory.release(instance.memoryBytes);
          this.#failed(pool, start, new PlatformError('start_failed', 'The function ended as soon as it listened'));
          return;
        }
        instance.ownsMemory = true;
        pool.instances.add(instance);
        this.#options.revisions.started(pool.run);
        pool.failures = 0;
        pool.lastFailure = null;
        pool.retryAt = 0;
        this.#options.available(pool, instance);
      },
      (error: unknown) => {
        pool.starts.delete(start);
        this.#failed(pool, start, toPlatformError(error));
      },
    );
    return true;
  }

  /** Fails all who wait. */
  refuse(pool: RevisionPool, error: PlatformError): void {
    for (const waiter of pool.waiters.splice(0)) waiter.fail(error);
  }

  #nextStep(pool: RevisionPool): LadderStep {
    if (pool.waiters.length === 0) return { step: 'done' };
    const { memory, gates, room, checkpointOf } = this.#options;
    const { run } = pool;
    const paused = pool.retryAt > performance.now();
    const needed = run.limits.memoryBytes;
    let idle = 0;
    let frozen = 0;
    let coming = pool.starts.size;
    for (const instance of pool.instances) {
      const { state, claim, lease, parking } = instance;
      if (state === 'starting' || state === 'freezing' || parking === 'recalled') coming += claim || lease ? 0 : 1;
      else if (state === 'idle' && available(instance)) idle += 1;
      else if (state === 'frozen' && available(instance)) frozen += 1;
    }
    return nextRung({
      waiting: pool.waiters.length,
      idle,
      frozen,
      coming,
      live: pool.live,
      max: run.scale.max,
      restorable: checkpointOf(pool) !== null,
      restoreSlots: paused ? 0 : gates.restore.free,
      coldSlots: paused ? 0 : gates.cold.free,
      memoryNeeded: needed,
      memoryFree: memory.free,
      memoryEvictable: memory.free >= needed ? 0 : room.evictable(true),
      hasSlot: pool.live > 0 || room.hasSlot(run, true),
    });
  }

  #wait(pool: RevisionPool, obstacle: Obstacle): void {
    const { gates, memory, checkpointOf } = this.#options;
    pool.obstacle = obstacle;
    if (obstacle === 'memory' && pool.run.limits.memoryBytes > memory.capacity) {
      this.refuse(pool, new PlatformError('capacity', 'The function asks for more memory than the whole node has'));
    } else if (obstacle === 'memory' || obstacle === 'functions') memory.whenChanged(pool.wake);
    else if (obstacle === 'slot') {
      const pauseMs = pool.retryAt - performance.now();
      if (pauseMs > 0) pool.retryTimer ??= setTimeout(() => this.#retry(pool), pauseMs).unref();
      else gates[checkpointOf(pool) ? 'restore' : 'cold'].whenFree(pool.wake);
    }
  }

  #retry(pool: RevisionPool): void {
    pool.retryTimer = undefined;
    pool.wake();
  }

  #serve(pool: RevisionPool): void {
    const instance = pool.newest('idle');
    const waiter = pool.waiters.shift();
    if (!instance || !waiter) return;
    instance.state = 'leased';
    instance.lease = { gatewayId: waiter.gatewayId, since: Date.now() };
    this.#options.leased(pool, instance);
    waiter.grant(instance);
  }

  #grant({ since, instance }: { since: number; instance: Instance }): Grant {
    const { arrival } = instance;
    instance.arrival = null;
    // One that was ready before the wish came is hot, however it was made.
    const seen = arrival && since <= arrival.ready ? arrival : null;
    const kind = seen?.kind ?? 'hot';
    this.granted[kind] += 1;
    this.#options.revisions.served(instance.run);
    return { ...phasesSeen(since, performance.now(), seen), instance, kind, cause: seen?.cause ?? null };
  }

  /**
   * A failure is tried again unseen. Who has seen two, or waits for a function that keeps failing, gets the error, unless
   * other instances of the function live, or are on their way, and can still serve.
   */
  #failed(pool: RevisionPool, start: PoolStart, error: PlatformError): void {
    pool.failures += 1;
    pool.lastFailure = error;
    let pauseMs = 0;
    if (pool.failures >= TRIES_TO_PAUSE || (start.background && pool.waiters.length === 0)) {
      const doublings = Math.min(Math.max(0, pool.failures - TRIES_TO_PAUSE), 10);
      pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** doublings, LONGEST_PAUSE_MS);
      pool.retryAt = performance.now() + pauseMs;
    }
    const servable = pool.instances.size > 0 || (error.retryable && pool.starts.size > 0);
    const hopeless = !error.retryable || error.code === 'start_timeout' || pauseMs > WORTH_WAITING_MS;
    const told = pool.waiters.filter((waiter) => {
      if (waiter.since > start.decidedAt) return false;
      waiter.failures += 1;
      return !servable && (hopeless || waiter.failures >= TRIES);
    });
    pool.waiters.splice(0, pool.waiters.length, ...pool.waiters.filter((waiter) => !told.includes(waiter)));
    for (const waiter of told) waiter.fail(error);
    this.#options.available(pool, null);
  }
}
