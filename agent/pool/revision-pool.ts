import { poolFloor, type PoolSnapshot, type PoolTarget } from '../../core/agent/pool-plan';
import type { PlatformError } from '../../core/error/platform-error';
import type { RunSpec } from '../../core/function/run-spec';
import type { Obstacle } from '../../core/start/next-rung';
import type { Instance } from '../instance/instance';

/** A gateway's wish for an instance. Settled once, by `grant` or `fail`. */
export interface Waiter {
  readonly gatewayId: string;
  /** Monotonic milliseconds. */
  readonly since: number;
  /** Starts that failed while it waited. */
  failures: number;
  readonly grant: (instance: Instance) => void;
  readonly fail: (error: PlatformError) => void;
}

/** A start under way. */
export interface PoolStart {
  /** Monotonic milliseconds: who has waited since before then gets its error. */
  readonly decidedAt: number;
  readonly background: boolean;
}

const FIRST_GUESS_MS = { cold: 400, restore: 25 };
const LEARNING_RATE = 0.3;

/** What the agent holds for one revision: its instances, who waits for one, and what was promised. */
export class RevisionPool {
  /** As last brought by an Acquire or a target. */
  run: RunSpec;
  /** False after a restart of the agent, until an Acquire or a target brings a run spec with its secrets. */
  startable: boolean;
  readonly instances = new Set<Instance>();
  readonly starts = new Set<PoolStart>();
  readonly waiters: Waiter[] = [];
  target: PoolTarget | null = null;
  /** Nothing is kept warm any more; the next Acquire revives it. */
  retired = false;
  /** Memory kept the last plan from starting what it should. */
  capped = false;
  /** Starts that failed since the last that did not. */
  failures = 0;
  lastFailure: PlatformError | null = null;
  /** Monotonic milliseconds before which nothing is started. */
  retryAt = 0;
  /** What the first waiter waits for. */
  obstacle: Obstacle = 'start';
  /** Unix milliseconds at which gateways were last told that a checkpoint is due. */
  checkpointAskedAt = 0;
  readonly startMs = { ...FIRST_GUESS_MS };
  /** The next time that the plan changes by itself; and the end of a pause after failures. */
  planTimer: NodeJS.Timeout | undefined;
  retryTimer: NodeJS.Timeout | undefined;
  /** Its owner is working on it; what happens meanwhile is looked at afterwards. */
  settling = false;
  unsettled = false;
  /** This pool's own entry in the wake lists, so that it is in each once. */
  readonly wake: () => void;

  constructor(run: RunSpec, startable: boolean, settle: (pool: RevisionPool) => void) {
    this.run = run;
    this.startable = startable;
    this.wake = () => settle(this);
  }

  get live(): number {
    return this.instances.size + this.starts.size;
  }

  count(state: Instance['state']): number {
    let count = 0;
    for (const instance of this.instances) if (instance.state === state) count += 1;
    return count;
  }

  /** The most recently used instance in a state, for its caches are the warmest; one that is parked only if there is no other. */
  newest(state: 'idle' | 'frozen'): Instance | undefined {
    let newest: Instance | undefined;
    for (const instance of this.instances) {
      if (instance.state !== state || !available(instance)) continue;
      const parked = instance.parking === 'parked';
      const better =
        newest && parked === (newest.parking === 'parked') ? instance.idleSince >= newest.idleSince : !parked;
      if (!newest || better) newest = instance;
    }
    return newest;
  }

  learn(kind: 'cold' | 'restore', ms: number): void {
    this.startMs[kind] += (ms - this.startMs[kind]) * LEARNING_RATE;
  }

  get validTarget(): PoolTarget | null {
    return this.target && this.target.validUntil > Date.now() ? this.target : null;
  }

  /** Instances that neither age nor eviction should take. */
  get floor(): number {
    return poolFloor(this.snapshot(false));
  }

  snapshot(canFreeze: boolean): PoolSnapshot {
    const { scale } = this.run;
    const instances: PoolSnapshot['instances'][number][] = [];
    let busy = 0;
    for (const { id, state, idleSince, heldUntil, claim } of this.instances) {
      if (state === 'idle' || state === 'frozen' || state === 'freezing') {
        instances.push({ id, state, idleSince, heldUntil: claim ? Number.MAX_SAFE_INTEGER : heldUntil });
      } else if (state === 'leased' || state === 'checkpointing') {
        instances.push({ id, state: 'leased', idleSince, heldUntil });
      } else busy += 1;
    }
    return {
      now: Date.now(),
      instances,
      starting: this.starts.size + busy,
      min: this.retired ? 0 : scale.min,
      max: scale.max,
      keepAliveMs: scale.keepAliveMs,
      target: this.retired ? null : this.target,
      canFreeze,
    };
  }
}

/** Can one who waits have it, once it is free? */
export function available({ claim, parking }: Instance): boolean {
  return !claim && (parking === 'none' || parking === 'parked');
}
