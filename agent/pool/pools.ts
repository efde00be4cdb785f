import type { RemovalReason } from '../../core/agent/instance-state';
import { PlatformError } from '../../core/error/platform-error';
import { poolPlan, type PoolTarget } from '../../core/agent/pool-plan';
import type { RunSpec } from '../../core/function/run-spec';
import type { BlankStock } from '../blank/blank-stock';
import type { CheckpointStore } from '../checkpoint/checkpoint-store';
import type { Instance } from '../instance/instance';
import type { InstanceLife } from '../instance/instance-life';
import type { Journal } from '../record/journal';
import type { CheckpointCatalog, PublishedCheckpoint } from '../revision/checkpoint-catalog';
import type { RevisionMemory } from '../revision/revision-memory';
import type { MemoryBudget } from '../../core/agent/memory-budget';
import type { StartGate } from '../../core/agent/start-gate';
import { PoolStarter } from './pool-starter';
import { PoolUpkeep } from './pool-upkeep';
import { RevisionPool } from './revision-pool';
import { RoomMaker } from './room-maker';
import { StartLedger, type AcquireWish, type Grant } from './start-ledger';

export interface PoolsOptions {
  readonly life: InstanceLife;
  readonly memory: MemoryBudget;
  /** Functions that may be on the node at once. */
  readonly slots: number;
  readonly gates: { readonly restore: StartGate; readonly cold: StartGate };
  readonly blanks: BlankStock;
  readonly catalog: CheckpointCatalog;
  readonly checkpoints: Pick<CheckpointStore, 'load' | 'pin'>;
  readonly revisions: RevisionMemory;
  readonly journal: Journal;
  readonly canFreeze: boolean;
  /** This host's key for a runtime; null where it cannot restore. */
  readonly hostKey: (runtime: RunSpec['runtime']) => string | null;
  /** Asks the gateway that leases it to stop using it and give it back. */
  readonly withdraw: (instance: Instance, reason: string) => void;
  /** Asks the gateway in whose name it sleeps. False: it is not to be had. */
  readonly recall: (instance: Instance) => Promise<boolean>;
  /** One that is parked is frozen now. */
  readonly asleep: (instance: Instance) => void;
  readonly leased: (pool: RevisionPool, instance: Instance) => void;
  /** A lease was given back after it had served. */
  readonly servedOnce: (pool: RevisionPool, instance: Instance) => void;
}

/** All revisions of the node: who gets which instance, what is kept, what ends. */
export class Pools {
  readonly room: RoomMaker;
  readonly ledger: StartLedger;
  readonly #pools = new Map<string, RevisionPool>();
  readonly #options: PoolsOptions;
  readonly #upkeep: PoolUpkeep;

  constructor(options: PoolsOptions) {
    this.#options = options;
    const { life, memory, slots, blanks } = options;
    const checkpointOf = (pool: RevisionPool): PublishedCheckpoint | null => this.#checkpointOf(pool);
    const available = (pool: RevisionPool, instance: Instance | null): void => {
      if (!instance || !this.#offer(instance)) this.settle(pool);
      // It can be evicted now, should no one of its own revision want it.
      if (instance) memory.changed();
    };
    const restorable = (pool: RevisionPool): boolean => checkpointOf(pool) !== null;
    this.room = new RoomMaker({ memory, slots, life, blanks, pools: this.#pools, restorable });
    const shared = { ...options, room: this.room, checkpointOf, available };
    this.ledger = new StartLedger({ ...shared, starter: new PoolStarter(options) });
    this.#upkeep = new PoolUpkeep({ ...shared, ledger: this.ledger });
  }

  all(): Iterable<RevisionPool> {
    return this.#pools.values();
  }

  /** Nobody waits for an instance, and none is being started. */
  get quiet(): boolean {
    for (const { waiters, starts } of this.#pools.values()) if (waiters.length > 0 || starts.size > 0) return false;
    return true;
  }

  find(revisionId: string): RevisionPool | undefined {
    return this.#pools.get(revisionId);
  }

  acquire(run: RunSpec, wish: AcquireWish): Promise<Grant> {
    const pool = this.#poolFor(run);
    pool.retired = false;
    return this.ledger.acquire(pool, wish);
  }

  /** A lease has ended: the instance serves the next who waits, or freezes. */
  giveBack(instance: Instance, use: { idleMs: number; served: number }): void {
    const used = this.#noteUse(instance, use);
    instance.lease = null;
    // One that was still being woken is looked at when it runs.
    if (!used || instance.state === 'starting') return;
    instance.state = 'idle';
    const pool = this.#poolFor(instance.run, false);
    if (this.#offer(instance)) return;
    if (instance.served > 0) this.#options.servedOnce(pool, instance);
    this.ledger.pump(pool);
    this.#options.memory.changed();
    this.settle(pool);
  }

  /**
   * A gateway has nothing for it to do and would like to be the next to wake it. True: it is being frozen. False: the node
   * has another use for it, and it stays leased until the gateway gives it up.
   */
  park(instance: Instance, use: { idleMs: number; served: number }): boolean {
    if (!this.#noteUse(instance, use) || instance.state !== 'leased') return false;
    const pool = this.#poolFor(instance.run, false);
    if (instance.served > 0) this.#options.servedOnce(pool, instance);
    if (instance.claim || instance.endReason || pool.retired || pool.waiters.length > 0) return false;
    instance.state = 'idle';
    if (!poolPlan(pool.snapshot(this.#options.canFreeze)).freeze.includes(instance.id)) {
      instance.state = 'leased';
      return false;
    }
    instance.lease = null;
    void this.#upkeep.freeze(pool, instance).then(() => {
      if (instance.asleep && instance.parking === 'parked') this.#options.asleep(instance);
    });
    return true;
  }

  /** The gateway's request is on its way to the instance. @throws PlatformError not_found: it is not to be had */
  async wake(instance: Instance, gatewayId: string): Promise<Grant> {
    const pool = this.#poolFor(instance.run, false);
    const grant = await this.ledger.wake(pool, instance, gatewayId);
    // Who asked for it meanwhile is told when the gateway gives it back.
    if (instance.claim || instance.endReason) this.#offer(instance);
    return grant;
  }

  /** A frozen instance is nobody's any more. */
  unparked(instance: Instance): void {
    if (!this.#offer(instance)) this.settle(this.#poolFor(instance.run, false));
  }

  /** An instance of another role, or of an earlier agent, serves traffic from now on. Its memory is committed already. */
  join(instance: Instance): void {
    const pool = this.#poolFor(instance.run, false);
    instance.role = 'pool';
    pool.retired = false;
    pool.instances.add(instance);
    this.#options.revisions.started(instance.run);
    if (!this.#offer(instance)) this.settle(pool);
  }

  /** Takes an instance out of traffic as soon as it is free; it is `checkpointing` then. @throws PlatformError conflict, not_found */
  claim(instance: Instance, timeoutMs: number): Promise<void> {
    if (instance.ended) return Promise.reject(new PlatformError('not_found', 'The instance has ended'));
    if (instance.claim || instance.state === 'checkpointing') {
      return Promise.reject(new PlatformError('conflict', 'The instance is being checkpointed already'));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        instance.claim = null;
        reject(new PlatformError('conflict', `The instance was busy for ${timeoutMs} ms`, { retryAfterSeconds: 5 }));
        this.settle(this.#poolFor(instance.run, false));
      }, timeoutMs);
      instance.claim = {
        granted: () => {
          clearTimeout(timer);
          resolve();
        },
        refused: (reason) => {
          clearTimeout(timer);
          reject(new PlatformError('not_found', `The instance has ended (${reason})`));
        },
      };
      this.#offer(instance);
    });
  }

  /** Ends a claim: the instance is free again. @param idleSince Unix milliseconds; the claim was no use to anybody where it is earlier */
  unclaim(instance: Instance, idleSince = Date.now()): void {
    if (instance.ended) return;
    instance.state = 'idle';
    instance.idleSince = idleSince;
    instance.heldUntil = 0;
    if (instance.role === 'pool' && !this.#offer(instance)) this.settle(this.#poolFor(instance.run, false));
  }

  setTarget(run: RunSpec, target: PoolTarget): RevisionPool {
    const pool = this.#poolFor(run);
    pool.retired = false;
    pool.target = target;
    this.settle(pool);
    return pool;
  }

  /** Ends what is free now; what is leased is withdrawn and ends when it comes back. */
  retire(pool: RevisionPool, reason: RemovalReason): void {
    pool.retired = true;
    pool.target = null;
    for (const instance of [...pool.instances]) {
      instance.endReason = reason;
      if (instance.state === 'idle' || instance.state === 'frozen') void this.#options.life.end(instance, reason);
      else if (instance.state === 'leased') this.#options.withdraw(instance, reason);
    }
    this.settle(pool);
  }

  /** It ends: it belongs to no pool any more, and those who wait need another. */
  forget(instance: Instance, reason: RemovalReason): void {
    const pool = this.#pools.get(instance.run.revisionId);
    if (!pool?.instances.delete(instance)) return;
    this.#options.revisions.removed(instance.run, reason);
    this.settle(pool);
  }

  /** Serves who waits, then carries out the plan; looks again when either changed something. */
  settle(pool: RevisionPool): void {
    pool.unsettled = true;
    if (pool.settling) return;
    pool.settling = true;
    while (pool.unsettled) {
      pool.unsettled = false;
      this.ledger.pump(pool);
      this.#upkeep.apply(pool);
    }
    pool.settling = false;
  }

  /** Forgets all timers: nothing starts or ends by itself any more. */
  stop(): void {
    for (const pool of this.#pools.values()) {
      clearTimeout(pool.planTimer);
      clearTimeout(pool.retryTimer);
    }
  }

  /** True when the instance is spoken for: it ends, or someone claimed it. */
  #offer(instance: Instance): boolean {
    const { life, withdraw } = this.#options;
    const { state, claim } = instance;
    const endReason = instance.endReason ?? this.#retirement(instance);
    if (endReason && (state === 'idle' || state === 'frozen')) {
      void life.end(instance, endReason);
      return true;
    }
    if (!claim) return false;
    if (state === 'idle') {
      instance.state = 'checkpointing';
      instance.claim = null;
      claim.granted();
    } else if (state === 'frozen') {
      void this.#thawForClaim(instance);
    } else if (state === 'leased') withdraw(instance, 'checkpoint');
    return true;
  }

  async #thawForClaim(instance: Instance): Promise<void> {
    const { life, recall } = this.#options;
    if (instance.parking !== 'none' && !(await recall(instance))) return;
    if (instance.state === 'frozen' && (await life.thaw(instance))) this.#offer(instance);
  }

  /** False when it has ended. */
  #noteUse(instance: Instance, use: { idleMs: number; served: number }): boolean {
    if (instance.ended) return false;
    instance.served += use.served;
    instance.idleSince = Math.max(instance.lease?.since ?? 0, Date.now() - use.idleMs);
    return true;
  }

  /** A start that was under way when its revision was retired is not wanted any more, unless someone waits for it. */
  #retirement(instance: Instance): RemovalReason | null {
    const pool = instance.role === 'pool' ? this.#pools.get(instance.run.revisionId) : undefined;
    return pool?.retired && pool.waiters.length === 0 && !instance.claim ? 'deploy' : null;
  }

  #checkpointOf(pool: RevisionPool): PublishedCheckpoint | null {
    const { runtime, revisionId, codeDigest } = pool.run;
    const hostKey = this.#options.hostKey(runtime);
    const checkpoint = hostKey === null ? null : this.#options.catalog.usable(revisionId, hostKey);
    return checkpoint?.codeDigest === codeDigest ? checkpoint : null;
  }

  /** @param bringsSecrets false for a run spec of a running instance: one read back from the machine has none */
  #poolFor(run: RunSpec, bringsSecrets = true): RevisionPool {
    let pool = this.#pools.get(run.revisionId);
    if (!pool) {
      pool = new RevisionPool(run, bringsSecrets, (it) => this.settle(it));
      this.#pools.set(run.revisionId, pool);
    } else if (bringsSecrets) {
      pool.run = run;
      pool.startable = true;
    }
    return pool;
  }
}
