import { takeFromAll, type Purse } from '../budget/purse';
import type { FunctionTarget, TargetStep } from './function-target';

/** What one function asks of a node. */
export interface AskedTarget {
  readonly id: string;
  /** Of one instance, in bytes. */
  readonly bytes: number;
  /** Instances that were declared (min, a warm window): cut last. */
  readonly floor: number;
  readonly target: FunctionTarget;
  /** Price of a use that finds no instance, over that of one that does. */
  readonly saved: number;
  /** Instances that this node was granted by the last decision. */
  readonly grantedBefore: number;
  /** Of the budgets that cover it, what they leave for warmth; left out: none does. What was declared is not asked for it. */
  readonly purses?: readonly Purse[];
  /** Of an instance that is held, micro-dollars a second. */
  readonly price?: number;
}

/** What was granted before is worth so much more than what would have to be started: near the limit nothing goes to and fro. */
const KEPT = 1.25;

interface Unit {
  readonly id: string;
  readonly place: number;
  readonly bytes: number;
  readonly promised: boolean;
  readonly value: number;
  readonly purses: readonly Purse[];
  readonly price: number;
}

/**
 * Instances that each function may hold at the most, so that all together never need more than `capacity`: those first that
 * were declared, then by what a byte of them saves. The peak of a function's steps counts from now on. Purses are left with what was
 * not taken.
 * @param capacity bytes, from 0 @returns instances by id of the function
 */
export function grantTargets(asked: readonly AskedTarget[], capacity: number): ReadonlyMap<string, number> {
  const units = asked.flatMap(unitsOf);
  units.sort(
    (a, b) =>
      Number(b.promised) - Number(a.promised) ||
      b.value - a.value ||
      (a.id < b.id ? -1 : a.id > b.id ? 1 : a.place - b.place),
  );
  const granted = new Map(asked.map(({ id }) => [id, 0]));
  let free = capacity;
  for (const { id, place, bytes, promised, purses, price } of units) {
    // One that does not fit leaves its place to smaller ones; those of the same function behind it are worth no more.
    if (bytes > free || granted.get(id) !== place) continue;
    if (!promised && !takeFromAll(purses, price)) continue;
    free -= bytes;
    granted.set(id, place + 1);
  }
  return granted;
}

/** Most instances that a target has ready at any time. */
export function peakOf({ steps }: Pick<FunctionTarget, 'steps'>): number {
  return steps.reduce((most, { running, frozen }) => Math.max(most, running + frozen), 0);
}

/** A target with no more instances than were granted; what rests beyond them ends at once. */
export function limitTarget(target: FunctionTarget, granted: number): FunctionTarget {
  if (granted >= peakOf(target)) return target;
  const steps: TargetStep[] = [];
  for (const { after, ...step } of target.steps) {
    const running = Math.min(step.running, granted);
    const frozen = Math.min(step.frozen, granted - running);
    const last = steps.at(-1);
    if (last?.running !== running || last.frozen !== frozen) steps.push({ after, running, frozen });
  }
  return {
    ...target,
    steps,
    keepAlive: [...target.keepAlive.slice(0, granted), 0],
    pool: Math.min(target.pool, granted),
  };
}

function unitsOf({ id, bytes, floor, target, saved, grantedBefore, purses = [], price = 0 }: AskedTarget): Unit[] {
  const { uses } = target;
  let least = Infinity;
  return Array.from({ length: peakOf(target) }, (_, place) => {
    const rate = uses[Math.min(place, uses.length - 1)] ?? 0;
    const value = (Math.max(0, rate * saved) / Math.max(1, bytes)) * (place < grantedBefore ? KEPT : 1);
    // Never more than the place before it, which it needs.
    least = Math.min(least, Number.isFinite(value) ? value : 0);
    return { id, place, bytes: Math.max(1, bytes), promised: place < floor, value: least, purses, price };
  });
}
