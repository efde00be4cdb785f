import type { HeldRow, Holding } from './held-row';
import { MINUTE_MS, minuteOf, minuteParts } from './minute-parts';

/** How memory rests. */
export type HeldState = 'running' | 'frozen';

type Times = Record<HeldState, number>;

/**
 * Adds up how long memory rested for functions, by minute. Intervals are whole milliseconds, and the sums of them exact: what
 * the rows give is what was added, to the byte-millisecond.
 */
export class HeldBook {
  readonly #times = new Map<Holding, Map<number, Times>>();

  /** @param holding one object for each revision: it is told by its identity @param to Unix milliseconds, exclusive */
  add(holding: Holding, state: HeldState, from: number, to: number): void {
    if (to <= from) return;
    const minute = minuteOf(from);
    if (to <= minute + MINUTE_MS) this.#timesOf(holding, minute)[state] += to - from;
    else for (const [each, ms] of minuteParts(from, to)) this.#timesOf(holding, each)[state] += ms;
  }

  /** What was added since the last time, one row for each function and minute. */
  take(): readonly HeldRow[] {
    const rows = new Map<string, HeldRow>();
    for (const [{ tenant, functionId, function: name, memoryBytes }, minutes] of this.#times) {
      for (const [minute, { running, frozen }] of minutes) {
        const key = `${functionId} ${minute}`;
        const before = rows.get(key);
        rows.set(key, {
          ...{ tenant, functionId, function: name },
          minute: new Date(minute),
          runningByteMs: (before?.runningByteMs ?? 0n) + BigInt(running) * BigInt(memoryBytes),
          frozenByteMs: (before?.frozenByteMs ?? 0n) + BigInt(frozen) * BigInt(memoryBytes),
          sharedByteMs: 0n,
        });
      }
    }
    this.#times.clear();
    return [...rows.values()];
  }

  #timesOf(holding: Holding, minute: number): Times {
    let minutes = this.#times.get(holding);
    if (!minutes) this.#times.set(holding, (minutes = new Map<number, Times>()));
    let times = minutes.get(minute);
    if (!times) minutes.set(minute, (times = { running: 0, frozen: 0 }));
    return times;
  }
}
