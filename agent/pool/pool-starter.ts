import { stepAt } from '../../core/agent/pool-plan';
import { isPlatformError, toPlatformError } from '../../core/error/platform-error';
import { startCause, type StartFacts } from '../../core/start/start-cause';
import type { StartMoments } from '../../core/start/start-phases';
import type { BlankStock } from '../blank/blank-stock';
import type { CheckpointStore } from '../checkpoint/checkpoint-store';
import { freshenInstance } from '../instance/control-requests';
import { Instance } from '../instance/instance';
import type { InstanceLife } from '../instance/instance-life';
import type { Journal } from '../record/journal';
import type { CheckpointCatalog, PublishedCheckpoint } from '../revision/checkpoint-catalog';
import type { RevisionMemory } from '../revision/revision-memory';
import type { MemoryBudget } from '../../core/agent/memory-budget';
import type { StartGate } from '../../core/agent/start-gate';
import type { RevisionPool } from './revision-pool';

export interface PoolStarterOptions {
  readonly life: InstanceLife;
  readonly memory: MemoryBudget;
  readonly gates: { readonly restore: StartGate; readonly cold: StartGate };
  readonly blanks: Pick<BlankStock, 'take'>;
  readonly catalog: CheckpointCatalog;
  readonly checkpoints: Pick<CheckpointStore, 'load' | 'pin'>;
  readonly revisions: RevisionMemory;
  readonly journal: Journal;
}

/** A start's facts as they are when it is decided: later it counts itself among the busy. */
export type DecisionFacts = Omit<StartFacts, 'kind' | 'restoreFailed'>;

interface Started {
  readonly instance: Instance;
  readonly moments: StartMoments;
}

/** Makes instances for pools: a restore where there is a checkpoint, falling through to a cold start when it fails. */
export class PoolStarter {
  readonly #options: PoolStarterOptions;

  constructor(options: PoolStarterOptions) {
    this.#options = options;
  }

  /** What is known now about a start's cause; its kind and a failed restore are known later. */
  facts(pool: RevisionPool): DecisionFacts {
    const { validTarget: target } = pool;
    const ready = stepAt(target, Date.now());
    const known = this.#options.revisions.facts(pool.run);
    let used = 0;
    // Found running after a restart of the agent, and not named by a gateway yet: nobody can use it, nobody is known to.
    let unclaimed = 0;
    for (const { state, lease } of pool.instances) {
      if (state !== 'leased') continue;
      if (lease?.gatewayId === null) unclaimed += 1;
      else used += 1;
    }
    return {
      ...known,
      busy: used + pool.starts.size,
      lost: Math.max(0, known.lost + unclaimed - pool.starts.size),
      promised: target ? ready.running + ready.frozen : null,
      moving: target?.migration ?? false,
    };
  }

  /**
   * The caller has taken a place at the rung's gate and committed the memory: both are handed over. `room` is waited for
   * first. Resolves with an idle instance whose arrival is set. @throws PlatformError of the last rung; the memory is free again
   */
  async start(options: {
    pool: RevisionPool;
    rung: 'restore' | 'cold';
    checkpoint: PublishedCheckpoint | null;
    facts: DecisionFacts;
    room: Promise<unknown>;
    background: boolean;
  }): Promise<Instance> {
    const { pool, checkpoint, facts, room, background } = options;
    const { gates, memory } = this.#options;
    const { run } = pool;
    let gate = gates[options.rung];
    try {
      await room;
      const begun = performance.now();
      if (options.rung === 'restore' && checkpoint) {
        const instance = await this.#tryRestore(pool, checkpoint, { facts, begun, background });
        if (instance) return instance;
        gate.leave();
        gate = gates.cold;
        await gate.enter();
      }
      const { instance, moments } = (background ? null : await this.#tryBlank(pool)) ?? (await this.#startCold(pool));
      this.#arrive(
        pool,
        instance,
        { ...moments, begun },
        { ...facts, kind: 'cold', restoreFailed: checkpoint !== null },
        background,
      );
      return instance;
    } catch (error) {
      memory.release(run.limits.memoryBytes);
      throw error;
    } finally {
      gate.leave();
    }
  }

  async #startCold({ run }: RevisionPool): Promise<Started> {
    const instance = new Instance({ run, kind: 'cold', role: 'pool' });
    return { instance, moments: await this.#options.life.launch(instance, null) };
  }

  /**
   * Null where no runtime that was booted ahead fits, or it failed: whoever waits gets an ordinary start then. A function
   * that took too long would only do so again. @throws PlatformError start_timeout
   */
  async #tryBlank({ run }: RevisionPool): Promise<Started | null> {
    const blankId = this.#options.blanks.take(run);
    if (blankId === null) return null;
    const instance = new Instance({ run, kind: 'cold', role: 'pool', blank: true });
    try {
      return { instance, moments: await this.#options.life.launch(instance, { blankId }) };
    } catch (error) {
      if (isPlatformError(error) && error.code === 'start_timeout') throw error;
      return null;
    }
  }

  /** Null when it failed: the caller goes down a rung, and whoever waits does not see it. */
  async #tryRestore(
    pool: RevisionPool,
    checkpoint: PublishedCheckpoint,
    start: { facts: DecisionFacts; begun: number; background: boolean },
  ): Promise<Instance | null> {
    const { facts, begun, background } = start;
    const { life, catalog, checkpoints, journal } = this.#options;
    const { checkpointId } = checkpoint;
    const instance = new Instance({ run: pool.run, kind: 'restore', role: 'pool', checkpointId });
    instance.unpin = checkpoints.pin(checkpointId);
    try {
      const imageDir = await checkpoints.load(checkpointId, checkpoint, checkpoint.digest);
      const moments = await life.launch(instance, { imageDir });
      // Without a hook of its own a clone wakes with its first request, which saves a round trip; with one it might not
      // wake at all, which must not be that request's affair. One that nobody waits for must be its own self before it is frozen.
      if (background || checkpoint.afterRestore !== false) {
        const hooked = await this.#freshen(instance);
        if (hooked !== null) catalog.learned(checkpointId, hooked);
      }
      const ready = performance.now();
      catalog.restored(checkpointId);
      const why: StartFacts = { ...facts, kind: 'restore', restoreFailed: false };
      this.#arrive(pool, instance, { ...moments, begun, ready }, why, background);
      return instance;
    } catch (error) {
      instance.unpin();
      instance.unpin = null;
      if (!instance.ended) await life.end(instance, 'failed');
      const code = isPlatformError(error) ? error.code : 'internal';
      // A full disk or memory says nothing about the image.
      if (code === 'storage_full') return null;
      const hopeless = code === 'checkpoint_refused' || code === 'not_found' || code === 'unsupported';
      if (catalog.failed(checkpointId, hopeless)) {
        journal.checkpoint('quarantined', pool.run, { checkpointId, code, error: String(error) });
      }
      return null;
    }
  }

  /** Its failure is told like that of any start: the function's author looks there. @throws PlatformError restore_failed */
  async #freshen(instance: Instance): Promise<boolean | null> {
    try {
      return await freshenInstance(instance);
    } catch (error) {
      this.#options.journal.startFailed(instance, toPlatformError(error), instance.tail);
      throw error;
    }
  }

  #arrive(pool: RevisionPool, instance: Instance, moments: StartMoments, facts: StartFacts, ahead: boolean): void {
    const { kind } = instance;
    instance.arrival = { ...moments, kind, cause: startCause(facts) };
    pool.learn(kind, moments.ready - moments.begun);
    this.#options.journal.started(instance, moments.ready - moments.begun, ahead);
  }
}
