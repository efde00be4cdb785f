import type { LatestForecastRecord } from '../../../drivers/store/forecast-store';
import type { TrackedFunction } from './tracked-function';

/** Longest that the event loop is held at a stretch: heartbeats of activities must go out. */
const SLICE_MS = 20;

/** Gives the event loop its turn whenever a stretch of arithmetic has been long enough, and counts what it took. */
export class Slices {
  #since = performance.now();
  #spent = 0;

  /** Seconds of arithmetic so far: those of a core, as nothing else runs between two turns. */
  get seconds(): number {
    return (this.#spent + performance.now() - this.#since) / 1000;
  }

  async breathe(): Promise<void> {
    const stretch = performance.now() - this.#since;
    if (stretch < SLICE_MS) return;
    this.#spent += stretch;
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}

export interface RoundResult {
  readonly made: readonly LatestForecastRecord[];
  /** Functions whose error was above their model's band for an hour. */
  readonly drifted: readonly string[];
  readonly seconds: number;
}

/** Forecasts all functions once. @param functions that somebody forecasts */
export async function forecastRound(functions: Iterable<TrackedFunction>): Promise<RoundResult> {
  const slices = new Slices();
  const made: LatestForecastRecord[] = [];
  const drifted: string[] = [];
  for (const tracked of functions) {
    const record = tracked.forecast();
    made.push(record);
    if (tracked.drifted(record.hourWape)) drifted.push(tracked.functionId);
    await slices.breathe();
  }
  return { made, drifted, seconds: slices.seconds };
}
