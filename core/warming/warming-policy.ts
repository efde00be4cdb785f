import type { Forecast } from '../forecast/forecast';

/** States between which a policy chooses for an instance that rests, the readiest first. */
export const RUNGS = ['running', 'frozen', 'local', 'remote', 'nothing'] as const;
export type RungName = (typeof RUNGS)[number];

/** One state, with what it costs for one function. Prices share a unit, whichever it is. */
export interface Rung {
  readonly name: RungName;
  /** Price of each second spent in it, from 0. */
  readonly holding: number;
  /** Seconds from it to an instance that serves. */
  readonly delaySeconds: number;
  /** Price of a call that finds it so. */
  readonly delayPrice: number;
}

/** A function as policies see it. */
export interface WarmFunction {
  readonly id: string;
  /** Of one instance, in GB. */
  readonly memoryGb: number;
  /** The readiest first, at least one, each slower and no dearer to hold than the one before; the last costs nothing to hold. */
  readonly rungs: readonly Rung[];
  /** Of instances beside the first, where theirs differ: they find the function's checkpoint for nothing. */
  readonly furtherRungs?: readonly Rung[];
  /** Mean seconds that a call takes. */
  readonly executeSeconds: number;
  /** Calls that one instance serves at once. */
  readonly concurrency: number;
  /** Instances that are held whatever the policy says, and that there may be. */
  readonly min: number;
  readonly max: number;
}

/** A stretch of a rest, in seconds since its begin, spent on a rung that is not the last. `to` may be Infinity. */
export interface Hold {
  readonly from: number;
  readonly to: number;
  readonly rung: RungName;
}

/**
 * The policy for one slot. Slot k of a function is in use while more than k of its calls run at once (the lowest free one
 * takes a call), so that each slot is one instance, and its rests are what there is to decide.
 */
export interface SlotPolicy {
  /** A rest begins. @param at seconds on one clock. @returns what to hold it on until it ends, in order and disjoint */
  release(at: number): readonly Hold[];
  /** The rest that began at `releasedAt` ended with a call at `at`. */
  use(releasedAt: number, at: number): void;
}

/** The policy for one function. */
export interface FunctionPolicy {
  slot(index: number): SlotPolicy;
  /** Instances to be ready throughout the next minute, whatever rests: from what is expected of it. */
  pool?(forecast: Pick<Forecast, 'mean' | 'quantiles'>): number;
}

/** What ranks instances when memory is short. */
export interface EvictionRanking {
  /** An instance of the function was used. @returns what keeping it is worth from now on */
  used(fn: WarmFunction): number;
  /** An instance worth this much was ended for want of memory. */
  evicted(worth: number): void;
}

/** Decides what is kept warm. One file for each; simulation, court and the platform run the same. */
export interface WarmingPolicy {
  readonly name: string;
  of(fn: WarmFunction): FunctionPolicy;
  /** For policies that end instances only when memory is short; without it the least recently used goes first. */
  ranking?(): EvictionRanking;
}

/** The hold that covers a rest after so many seconds; null where it is on the last rung. */
export function holdAfter(holds: readonly Hold[], seconds: number): Hold | null {
  return holds.find(({ from, to }) => seconds >= from && seconds <= to) ?? null;
}

/** The function as the policy of a slot sees it. @param index of the slot, from 0 */
export function slotFunction(fn: WarmFunction, index: number): WarmFunction {
  return index > 0 && fn.furtherRungs ? { ...fn, rungs: fn.furtherRungs } : fn;
}

/** The rung on which policies that know of one only keep what rests: frozen where there is that, else the readiest. */
export function warmRung(fn: WarmFunction): Rung {
  const rung = fn.rungs.find(({ name }) => name === 'frozen') ?? fn.rungs[0];
  if (!rung) throw new RangeError(`Function ${fn.id} has no rungs`);
  return rung;
}
