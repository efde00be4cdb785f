import type { Store } from '../../../drivers/store/store';
import type { WarmingPrices } from '../../../core/warming/prices';
import type { WarmingPolicy } from '../../../core/warming/warming-policy';
import type { EndedCall } from '../../../drivers/store/warming-store';
import { Slices } from '../forecast/forecast-round';
import { WarmedFunction, type WarmFacts } from './warmed-function';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Of the past, as much as is laid out; and of it the last part call by call. */
const COUNTED_MS = 14 * 24 * HOUR_MS;
const EXACT_MS = 3 * HOUR_MS;
/** Gateways write their records in batches: a call that ended a moment ago may not be there yet. */
const WRITTEN_MS = 3_000;
/** After a longer sleep everything is read anew. */
const LONGEST_SLEEP_MS = HOUR_MS;
/** A clock that was put back by less waits until it is as late again. */
const BACKWARD_MS = MINUTE_MS;
/** Calls that are read of one function: of a minute, and of the last hours. Of more every n-th. */
const [MINUTE_CALLS, RECALLED_CALLS] = [1_000, 5_000];
/** Functions whose past is read in one go. */
const READ_AT_ONCE = 20;
/** Seconds of each decision in which pasts are laid out; those left over wait for the next. */
const TAKE_UP_SECONDS = 15;

/** All functions under one policy. What must last is in the store: a fleet that begins anew reads the past, and goes on. */
export class WarmFleet {
  readonly #functions = new Map<string, WarmedFunction>();
  /** Of functions whose past is to be read; their old state serves meanwhile. */
  readonly #waiting = new Set<string>();
  /** Ends of calls up to here are taken in, Unix milliseconds; null before the first. */
  #until: number | null = null;
  #facts: ReadonlyMap<string, WarmFacts> = new Map();

  constructor(
    private readonly store: Store,
    private readonly prices: WarmingPrices,
    readonly policy: WarmingPolicy,
  ) {}

  /** Functions whose past is known. */
  get functions(): Iterable<WarmedFunction> {
    return this.#functions.values();
  }

  /** Functions whose past has not been read yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Takes in what ended up to `now`, then reads the past of functions that are new, as many as there is time for.
   * @param now Unix milliseconds @param facts of all functions that may be kept warm, by id
   */
  async advance(now: number, facts: ReadonlyMap<string, WarmFacts>): Promise<void> {
    this.#facts = facts;
    const to = now - WRITTEN_MS;
    const known = this.#until;
    if (known === null || to - known > LONGEST_SLEEP_MS || known - to > BACKWARD_MS) this.#beginAnew(to);
    else if (to > known) await this.#takeIn(known, to);
    this.#compare();
    await this.#takeUp();
  }

  #beginAnew(to: number): void {
    this.#functions.clear();
    this.#waiting.clear();
    this.#until = to;
  }

  async #takeIn(from: number, to: number): Promise<void> {
    const slices = new Slices();
    const calls = await this.store.callsBetween({ from: new Date(from), to: new Date(to), perFunction: MINUTE_CALLS });
    for (const call of calls) {
      this.#functions.get(call.functionId)?.learn(call);
      await slices.breathe();
    }
    this.#until = to;
  }

  /** What was deployed, deleted, or got its checkpoint. */
  #compare(): void {
    for (const id of this.#functions.keys()) if (!this.#facts.has(id)) this.#functions.delete(id);
    for (const id of this.#waiting) if (!this.#facts.has(id)) this.#waiting.delete(id);
    for (const [id, facts] of this.#facts) {
      const known = this.#functions.get(id);
      // Rests that were planned by the price of another start are not worth what they were.
      if (!known || known.facts.hasCheckpoint !== facts.hasCheckpoint) this.#waiting.add(id);
      known?.refresh(facts);
    }
  }

  async #takeUp(): Promise<void> {
    if (this.#waiting.size === 0 || this.#until === null) return;
    const until = this.#until;
    const slices = new Slices();
    const executeMs = await this.store.meanExecuteMs(new Date(until - COUNTED_MS));
    while (this.#waiting.size > 0 && slices.seconds < TAKE_UP_SECONDS) {
      const batch = [...this.#waiting].slice(0, READ_AT_ONCE);
      const span = { from: new Date(until - COUNTED_MS), to: new Date(until) };
      const query = { from: new Date(until - EXACT_MS), to: span.to, perFunction: RECALLED_CALLS, functionIds: batch };
      const calls = callsByFunction(await this.store.callsBetween(query));
      for (const { functionId, from, counts } of await this.store.functionHistory({ functionIds: batch, ...span })) {
        const facts = this.#facts.get(functionId);
        if (!facts) continue;
        const fn = new WarmedFunction(facts, this.policy, this.prices);
        const exact = calls.get(functionId) ?? [];
        const firstMinute = from.getTime() / MINUTE_MS;
        // What is known call by call is not laid out a second time.
        const counted = exact[0] ? Math.floor(exact[0].at.getTime() / MINUTE_MS) - firstMinute : counts.length;
        fn.recall({ counts: counts.subarray(0, Math.max(0, counted)), firstMinute }, executeMs.get(functionId));
        await slices.breathe();
        for (const call of exact) {
          fn.learn(call);
          await slices.breathe();
        }
        this.#functions.set(functionId, fn);
      }
      for (const functionId of batch) this.#waiting.delete(functionId);
    }
  }
}

function callsByFunction(calls: readonly EndedCall[]): ReadonlyMap<string, EndedCall[]> {
  const groups = new Map<string, EndedCall[]>();
  for (const call of calls) {
    const group = groups.get(call.functionId);
    if (group) group.push(call);
    else groups.set(call.functionId, [call]);
  }
  return groups;
}
