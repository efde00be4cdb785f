/** An instance as the pool's plan sees it. */
export interface PooledInstance {
  readonly id: string;
  readonly state: 'leased' | 'idle' | 'freezing' | 'frozen';
  /** Unix milliseconds since which nobody uses it; of a leased one it does not matter. */
  readonly idleSince: number;
  /** Until then it neither freezes nor ends: it waits for its checkpoint. 0 when it does not. */
  readonly heldUntil: number;
}

/** Instances to be ready from a moment on (Unix milliseconds), whatever their keep-alive. */
export interface PoolStep {
  readonly at: number;
  /** Leased ones included. */
  readonly running: number;
  readonly frozen: number;
}

/** What a policy asked for, valid until `validUntil` (Unix milliseconds). */
export interface PoolTarget {
  /** Each counts until the next one; rising moments. Before the first nothing is to be ready. */
  readonly steps: readonly PoolStep[];
  /**
   * How long an instance may rest, by its place: those in use come first, then the others, the last used before the first;
   * never rising, so that the longest idle one ends first. The last number is for all further ones; without any the manifest's
   * counts.
   */
  readonly keepAliveMs: readonly number[];
  readonly expectedRate: number;
  /** Uses a second that are expected of each instance, by place; the last is for all further ones. Without, `expectedRate`. */
  readonly uses?: readonly number[];
  readonly validUntil: number;
  /** The function moves to this node. */
  readonly migration?: boolean;
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
  const { running, frozen } = stepAt(validTarget(snapshot), snapshot.now);
  return Math.min(snapshot.max, Math.max(snapshot.min, running + frozen));
}

/** Idle-out, freezing, pre-warming of one revision: oldest idle ones end first, newest stay running. */
export function poolPlan(snapshot: PoolSnapshot): PoolPlan {
  const { now, instances, starting, canFreeze } = snapshot;
  const target = validTarget(snapshot);
  const step = stepAt(target, now);
  const floor = poolFloor(snapshot);
  const live = instances.length + starting;
  const resting = instances
    .filter((instance) => instance.state !== 'leased')
    .sort((a, b) => a.idleSince - b.idleSince || compareIds(a.id, b.id));

  const leased = instances.length - resting.length;
  const endsAt = ({ idleSince, heldUntil }: PooledInstance, index: number): number =>
    Math.max(idleSince + keepAliveOf(target, leased + resting.length - 1 - index, snapshot.keepAliveMs), heldUntil);
  let surplus = Math.max(0, live - floor);
  const end: string[] = [];
  const left: PooledInstance[] = [];
  let nextAt = Infinity;
  const changesAt = (moment: number): void => {
    if (moment > now && moment < nextAt) nextAt = moment;
  };
  const endings: number[] = [];
  resting.forEach((instance, index) => {
    const ends = endsAt(instance, index);
    if (surplus > 0 && instance.state !== 'freezing' && ends <= now) {
      end.push(instance.id);
      surplus--;
      return;
    }
    left.push(instance);
    endings.push(ends);
    changesAt(instance.heldUntil);
  });
  if (live - end.length > floor) endings.forEach(changesAt);
  if (target) {
    changesAt(target.validUntil);
    for (const { at } of target.steps) changesAt(at);
  }

  const wishRunning = Math.max(0, Math.min(step.running, snapshot.max) - leased);
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

  return {
    freeze,
    thaw,
    end,
    start: Math.max(0, floor - live),
    nextAt: nextAt < Infinity ? nextAt : null,
  };
}

/** Uses a second that a target expects of the instance at a place; null where no policy has spoken. */
export function expectedUses(target: PoolTarget | null, place: number): number | null {
  const uses = target?.uses ?? [];
  return uses[Math.min(place, uses.length - 1)] ?? target?.expectedRate ?? null;
}

function validTarget(snapshot: Pick<PoolSnapshot, 'now' | 'target'>): PoolTarget | null {
  return snapshot.target && snapshot.target.validUntil > snapshot.now ? snapshot.target : null;
}

/** What a target wants to be ready at a moment. */
export function stepAt(target: PoolTarget | null, now: number): Pick<PoolStep, 'running' | 'frozen'> {
  return target?.steps.findLast(({ at }) => at <= now) ?? { running: 0, frozen: 0 };
}

function keepAliveOf(target: PoolTarget | null, place: number, otherwise: number): number {
  const times = target?.keepAliveMs ?? [];
  return times[Math.min(place, times.length - 1)] ?? otherwise;
}

function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
