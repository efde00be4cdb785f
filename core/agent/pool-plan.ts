/** An instance as the pool's plan sees it. */
export interface PooledInstance {
  readonly id: string;
  readonly state: 'leased' | 'idle' | 'freezing' | 'frozen';
  /** Unix milliseconds since which nobody uses it; of a leased one it does not matter. */
  readonly idleSince: number;
  /** Until then it neither freezes nor ends: it waits for its checkpoint. 0 when it does not. */
  readonly heldUntil: number;
}

/** What a policy asked for, valid until `validUntil` (Unix milliseconds). */
export interface PoolTarget {
  /** Running, leased ones included. */
  readonly running: number;
  readonly frozen: number;
  readonly keepAliveMs: number;
  readonly expectedRate: number;
  readonly validUntil: number;
}

export interface PoolSnapshot {
  readonly now: number;
  readonly instances: readonly PooledInstance[];
  /** Starts under way, beside `instances`. */
  readonly starting: number;
  /** The manifest's scale and keep-alive; a retired revision has min 0. */
  readonly min: number;
  readonly max: number;
  readonly keepAliveMs: number;
  readonly target: PoolTarget | null;
  readonly canFreeze: boolean;
}

/** What to do now; ids are distinct. After doing it, the plan is empty until `nextAt`. */
export interface PoolPlan {
  readonly freeze: readonly string[];
  readonly thaw: readonly string[];
  readonly end: readonly string[];
  /** New instances, to be frozen or kept running when they are ready. */
  readonly start: number;
  /** Unix milliseconds at which time alone changes the plan; null when it never does. */
  readonly nextAt: number | null;
}

/** The number of instances that must not end for age: the larger of the manifest's min and a valid target, within max. */
export function poolFloor(snapshot: Pick<PoolSnapshot, 'now' | 'min' | 'max' | 'target'>): number {
  const target = validTarget(snapshot);
  return Math.min(snapshot.max, Math.max(snapshot.min, (target?.running ?? 0) + (target?.frozen ?? 0)));
}

/** Idle-out, freezing, pre-warming of one revision: oldest idle ones end first, newest stay running. */
export function poolPlan(snapshot: PoolSnapshot): PoolPlan {
  const { now, instances, starting, canFreeze } = snapshot;
  const target = validTarget(snapshot);
  const keepAliveMs = target?.keepAliveMs ?? snapshot.keepAliveMs;
  const floor = poolFloor(snapshot);
  const live = instances.length + starting;
  const resting = instances
    .filter((instance) => instance.state !== 'leased')
    .sort((a, b) => a.idleSince - b.idleSince || compareIds(a.id, b.id));

  const endsAt = (instance: PooledInstance): number => Math.max(instance.idleSince + keepAliveMs, instance.heldUntil);
  const surplus = Math.max(0, live - floor);
  const end = resting
    .filter((instance) => instance.state !== 'freezing' && endsAt(instance) <= now)
    .slice(0, surplus)
    .map((instance) => instance.id);
  const left = resting.filter((instance) => !end.includes(instance.id));

  const leased = instances.length - resting.length;
  const wishRunning = Math.max(0, Math.min(target?.running ?? 0, snapshot.max) - leased);
  const running = left.filter((instance) => instance.state === 'idle').reverse();
  const held = (instance: PooledInstance): boolean => instance.heldUntil > now;
  const freeze = canFreeze
    ? running
        .slice(wishRunning)
        .filter((instance) => !held(instance))
        .map((instance) => instance.id)
    : [];
  const thaw = left
    .filter((instance) => instance.state === 'frozen')
    .reverse()
    .slice(0, Math.max(0, wishRunning - running.length))
    .map((instance) => instance.id);

  const moments = [
    ...(live - end.length > floor ? left.map(endsAt) : []),
    ...left.filter(held).map((instance) => instance.heldUntil),
    ...(target ? [target.validUntil] : []),
  ].filter((moment) => moment > now);
  return {
    freeze,
    thaw,
    end,
    start: Math.max(0, floor - live),
    nextAt: moments.length > 0 ? Math.min(...moments) : null,
  };
}

function validTarget(snapshot: Pick<PoolSnapshot, 'now' | 'target'>): PoolTarget | null {
  return snapshot.target && snapshot.target.validUntil > snapshot.now ? snapshot.target : null;
}

function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
