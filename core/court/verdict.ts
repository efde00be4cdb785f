import { START_CAUSES, START_KINDS, type StartCause, type StartKind } from '../start/start';
import type { CourtCase } from './court-case';
import { MEMORY_STATES, type MemoryState } from './memory-meter';
import type { Replayed } from './replay-calls';

/** Calls of the window by kind and cause; memory-time in GB·s; prices in micro-dollars; times in milliseconds. */
export interface Tally {
  readonly calls: number;
  readonly kinds: Readonly<Record<StartKind, number>>;
  readonly causes: Readonly<Partial<Record<StartCause, number>>>;
  /** Share of the calls that found no instance: restores and cold starts; 0 for no calls. */
  readonly coldShare: number;
  /** Share of the calls that waited longer than their SLA leaves them; where there is none, that found no instance. */
  readonly lateShare: number;
  /** Seconds by which calls waited longer than that; 0 where there is no SLA. */
  readonly lateSeconds: number;
  /** From arrival until an instance serves, over all calls; 0 for no calls. */
  readonly waitP50Ms: number;
  readonly waitP99Ms: number;
  /** Seconds that callers waited in all, and the part of them that passed before a start of theirs began, or without one. */
  readonly waitedSeconds: number;
  readonly queuedSeconds: number;
  readonly memoryGbSeconds: Readonly<Record<MemoryState, number>>;
  readonly price: { readonly holding: number; readonly waiting: number; readonly total: number };
}

export interface FunctionVerdict extends Tally {
  readonly id: string;
}

/** What a policy did in the window. */
export interface PolicyVerdict extends Tally {
  readonly policy: string;
  /** Of the functions that were called: mean and percentiles of their cold shares. */
  readonly coldShareOfFunctions: { readonly mean: number; readonly p50: number; readonly p75: number };
  /** Instances ended for want of memory, before the window included. */
  readonly evicted: number;
  readonly functions: readonly FunctionVerdict[];
}

const GB = 1e9;

/** Sums a replay up. */
export function verdictOf(court: CourtCase, replayed: Replayed): PolicyVerdict {
  const { functions, calls, window } = court;
  const byFunction: number[][] = functions.map(() => []);
  const all: number[] = [];
  for (let call = 0; call < calls.at.length; call++) {
    const at = calls.at[call] as number;
    if (at < window.from || at >= window.to) continue;
    byFunction[calls.functions[call] as number]?.push(call);
    all.push(call);
  }
  const held = functions.map((_, index) => heldBy(court, replayed, index));
  const of = functions.map(({ warm }, index) => ({
    id: warm.id,
    ...tally(court, replayed, byFunction[index] ?? [], held[index] ? [held[index]] : []),
  }));
  const shares = of.filter((item) => item.calls > 0).map(({ coldShare }) => coldShare);
  return {
    policy: replayed.policy,
    ...tally(court, replayed, all, held),
    coldShareOfFunctions: {
      mean: shares.length === 0 ? 0 : shares.reduce((sum, share) => sum + share, 0) / shares.length,
      p50: quantileOf(Float64Array.from(shares).sort(), 0.5),
      p75: quantileOf(Float64Array.from(shares).sort(), 0.75),
    },
    evicted: replayed.evicted,
    functions: of,
  };
}

interface Held {
  readonly gbSeconds: Readonly<Record<MemoryState, number>>;
  readonly price: number;
}

/** Serving is paid for by the call, whatever the policy: it has no part in the price of holding. */
function heldBy(court: CourtCase, { meter }: Replayed, index: number): Held {
  const { warm, checkpoint } = court.functions[index] as CourtCase['functions'][number];
  const { prices, window } = court;
  const rawGb = (checkpoint?.rawBytes ?? 0) / GB;
  const gbSeconds = recordOf(MEMORY_STATES, (state) => {
    return meter.secondsOf(index, state) * (state === 'images' ? rawGb : warm.memoryGb);
  });
  const { starting, running, frozen, images } = gbSeconds;
  const storedMs = checkpoint ? Math.max(0, window.to - Math.max(window.from, checkpoint.from)) : 0;
  const price =
    (starting + running + frozen + images) * prices.gbSecond +
    meter.secondsOf(index, 'running') * prices.runningSecond +
    ((checkpoint?.sealedBytes ?? 0) / GB) * (storedMs / 1000) * prices.storedGbSecond;
  return { gbSeconds, price };
}

function tally(court: CourtCase, { outcomes }: Replayed, calls: readonly number[], held: readonly Held[]): Tally {
  const kinds = recordOf(START_KINDS, () => 0);
  const causes: Partial<Record<StartCause, number>> = {};
  const waits = new Float64Array(calls.length);
  let waited = 0;
  let queued = 0;
  let late = 0;
  let lateMs = 0;
  calls.forEach((call, place) => {
    const kind = outcomes.kindOf(call);
    const cause = outcomes.causeOf(call);
    if (kind) kinds[kind]++;
    if (cause) causes[cause] = (causes[cause] ?? 0) + 1;
    const wait = outcomes.waitMs[call] as number;
    waits[place] = wait;
    waited += wait;
    queued += outcomes.queueMs[call] as number;
    const patience = court.functions[court.calls.functions[call] as number]?.patienceMs ?? null;
    if (patience === null ? kind === 'restore' || kind === 'cold' : wait > patience) late++;
    if (patience !== null) lateMs += Math.max(0, wait - patience);
  });
  waits.sort();
  const holding = held.reduce((sum, { price }) => sum + price, 0);
  const waiting = (waited / 1000) * court.prices.waitSecond;
  return {
    calls: calls.length,
    kinds,
    causes: Object.fromEntries(START_CAUSES.filter((cause) => causes[cause]).map((cause) => [cause, causes[cause]])),
    coldShare: calls.length === 0 ? 0 : (kinds.restore + kinds.cold) / calls.length,
    lateShare: calls.length === 0 ? 0 : late / calls.length,
    lateSeconds: lateMs / 1000,
    waitP50Ms: quantileOf(waits, 0.5),
    waitP99Ms: quantileOf(waits, 0.99),
    waitedSeconds: waited / 1000,
    queuedSeconds: queued / 1000,
    memoryGbSeconds: recordOf(MEMORY_STATES, (state) => held.reduce((sum, { gbSeconds }) => sum + gbSeconds[state], 0)),
    price: { holding, waiting, total: holding + waiting },
  };
}

function recordOf<Key extends string>(keys: readonly Key[], value: (key: Key) => number): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<Key, number>;
}

/** Of sorted values, linear between neighbours; 0 for none. */
function quantileOf(sorted: Float64Array, share: number): number {
  const position = Math.max(0, sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? 0;
  const high = sorted[Math.ceil(position)] ?? low;
  return low + (high - low) * (position - Math.floor(position));
}
