import { PlatformError, toPlatformError } from '../../core/error/platform-error';
import type { RunSpec } from '../../core/function/run-spec';
import type { SandboxDriver } from '../../drivers/sandbox/sandbox';
import type { AgentLog } from '../agent-log';
import type { CheckpointMeta, CheckpointStore } from '../checkpoint/checkpoint-store';
import { freshenInstance, prepareForCheckpoint } from '../instance/control-requests';
import { Instance } from '../instance/instance';
import type { InstanceLife } from '../instance/instance-life';
import type { Pools } from '../pool/pools';
import type { Journal } from '../record/journal';
import type { CheckpointReply, SealReply, VerifyReply } from '../rpc/agent-messages';
import type { CheckpointCatalog } from '../revision/checkpoint-catalog';
import type { MemoryBudget } from '../../core/agent/memory-budget';
import type { StartGate } from '../../core/agent/start-gate';

export interface CheckpointerOptions {
  readonly driver: SandboxDriver;
  readonly life: InstanceLife;
  readonly pools: Pools;
  readonly store: CheckpointStore;
  readonly catalog: CheckpointCatalog;
  readonly memory: MemoryBudget;
  readonly restoreGate: StartGate;
  readonly journal: Journal;
  readonly log: AgentLog;
}

const CLAIM_MS = 30_000;
const ROOM_MS = 30_000;

/** The steps of a checkpoint's life on this node; each may be repeated. */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  readonly #made = new Map<string, Promise<CheckpointReply>>();

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /** Takes the instance out of traffic, dumps it, and gives it back. @throws PlatformError checkpoint_failed, not_found, conflict, unsupported */
  checkpoint(checkpointId: string, instanceId: string, run: RunSpec): Promise<CheckpointReply> {
    const known = this.#made.get(checkpointId);
    if (known) return known;
    const making = this.#make(checkpointId, instanceId, run);
    this.#made.set(checkpointId, making);
    making.catch(() => this.#made.delete(checkpointId));
    return making;
  }

  async seal(checkpointId: string, run: RunSpec): Promise<SealReply> {
    const { digest, bytes } = await this.#options.store.seal(checkpointId, await this.#meta(run));
    return { digest, sealedBytes: bytes };
  }

  /** Restores a trial from it, lets it refresh itself, and ends it. @throws PlatformError restore_failed, checkpoint_refused … */
  async verify(checkpointId: string, run: RunSpec, digest: string): Promise<VerifyReply> {
    const { store, life, pools, memory, restoreGate } = this.#options;
    const meta = await this.#meta(run);
    const unpin = store.pin(checkpointId);
    try {
      const imageDir = await store.load(checkpointId, meta, digest);
      await pools.room.takeWithin(run, ROOM_MS);
      await restoreGate.enter();
      const trial = new Instance({ run, kind: 'restore', role: 'trial', checkpointId });
      try {
        const { begun, ready } = await life.launch(trial, { imageDir });
        const hooked = await freshenInstance(trial);
        if (hooked !== null) this.#options.catalog.learned(checkpointId, hooked);
        return { restoreMs: ready - begun };
      } finally {
        restoreGate.leave();
        await life.end(trial, 'deploy');
        memory.release(run.limits.memoryBytes);
      }
    } finally {
      unpin();
    }
  }

  async publish(checkpointId: string, run: RunSpec, digest: string, hostKey: string): Promise<void> {
    const { tenant, function: name, revision, revisionId, codeDigest } = run;
    const entry = { checkpointId, revisionId, tenant, function: name, revision, codeDigest, hostKey, digest };
    await this.#options.catalog.publish(entry);
    this.#options.journal.checkpoint('published', run, { checkpointId, digest });
    const pool = this.#options.pools.find(revisionId);
    if (pool) this.#options.pools.settle(pool);
  }

  /**
   * Restores do not use it any more; its raw image goes. No error when it is unknown.
   * @param everywhere no other node uses it either: what it has left elsewhere goes as well
   */
  async drop(checkpointId: string, everywhere: boolean): Promise<void> {
    const { catalog, store, journal } = this.#options;
    // Given up while it is being made: what the making leaves would come after its removal.
    await this.#made.get(checkpointId)?.catch(() => undefined);
    const dropped = await catalog.drop(checkpointId);
    this.#made.delete(checkpointId);
    const left = everywhere ? await this.#discard(checkpointId) : null;
    await store.drop(checkpointId);
    if (dropped) journal.checkpoint('dropped', dropped, { checkpointId, ...(left === null ? {} : { left }) });
  }

  /** What stays elsewhere holds up nothing: it is told. */
  async #discard(checkpointId: string): Promise<string | null> {
    const { driver, store, log } = this.#options;
    if (!driver.discard) return null;
    let left: string | null;
    try {
      left = await driver.discard(store.rawDir(checkpointId));
    } catch (error) {
      left = `what it has left could not be asked for: ${toPlatformError(error).message}`;
    }
    if (left !== null) log.warn({ checkpointId, left }, 'something is left of a checkpoint that was dropped');
    return left;
  }

  async #make(checkpointId: string, instanceId: string, run: RunSpec): Promise<CheckpointReply> {
    const { driver, pools, store, journal } = this.#options;
    const instance = this.#choose(instanceId, run);
    if (instance.kind !== 'cold') {
      throw new PlatformError('unsupported', 'An instance restored from a checkpoint cannot be checkpointed again');
    }
    const hostKey = await driver.hostKey(run.runtime);
    await pools.claim(instance, CLAIM_MS);
    try {
      await prepareForCheckpoint(instance);
      // What it uses is not known at once everywhere; it is never more than it may.
      const { memoryBytes } = await driver.stats(instance.id).catch(() => instance);
      await store.makeRoom(memoryBytes);
      const { pauseMs, bytes } = await driver.checkpoint(instance.id, store.rawDir(checkpointId));
      journal.checkpoint('made', run, { checkpointId, instanceId: instance.id, pauseMs, rawBytes: bytes });
      return { pauseMs, rawBytes: bytes, hostKey };
    } catch (error) {
      await store.drop(checkpointId);
      const failure = toPlatformError(error);
      journal.count(failure.code);
      throw failure;
    } finally {
      await this.#resume(instance);
    }
  }

  /** The user's hooks closed what must not be cloned: the original opens it again before it serves. */
  async #resume(instance: Instance): Promise<void> {
    if (instance.ended) return;
    try {
      await freshenInstance(instance);
      this.#options.pools.unclaim(instance);
    } catch (error) {
      this.#options.log.warn(
        { instanceId: instance.id, error: String(error) },
        'an instance did not survive its checkpoint',
      );
      await this.#options.life.end(instance, 'failed');
    }
  }

  /** The named instance; without a name any of the pool that was started cold, a free one first. */
  #choose(instanceId: string, run: RunSpec): Instance {
    const { life, pools } = this.#options;
    if (instanceId !== '') {
      const instance = life.instances.get(instanceId);
      if (instance && !instance.ended && instance.run.revisionId === run.revisionId) return instance;
      throw new PlatformError('not_found', `Instance ${instanceId} has ended, or is of another revision`);
    }
    const cold = [...(pools.find(run.revisionId)?.instances ?? [])].filter(
      ({ kind, ended }) => kind === 'cold' && !ended,
    );
    const chosen =
      cold.find(({ state }) => state === 'idle') ?? cold.find(({ state }) => state === 'frozen') ?? cold[0];
    if (!chosen) throw new PlatformError('not_found', 'No instance that was started cold lives here');
    return chosen;
  }

  async #meta(run: RunSpec): Promise<CheckpointMeta> {
    const { tenant, revisionId, codeDigest, runtime } = run;
    return { tenant, revisionId, codeDigest, hostKey: await this.#options.driver.hostKey(runtime) };
  }
}
