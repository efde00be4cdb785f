import type { RungName } from '../../../core/warming/warming-policy';
import { LatencyCounts } from './latency-counts';
import type { SlotFunction } from './slot-function';

/** Seconds that are scored; calls at `from` are in, at `to` out. */
export interface Scored {
  readonly from: number;
  readonly to: number;
}

/** What a policy did for one function within what is scored. */
export interface SlotOutcome {
  readonly id: string;
  readonly pattern: string;
  readonly calls: number;
  /** Calls that found their slot on the last rung, or never used before. */
  readonly cold: number;
  /** What the rests cost, starts ahead of time included: GB·s where each second costs the memory held, and else worth as much. */
  readonly heldGbSeconds: number;
  /** GB·s that calls themselves took. */
  readonly busyGbSeconds: number;
  /** Seconds that calls waited for their instance, over all calls. */
  readonly delaySeconds: number;
  /** Wait and execution of each call. */
  readonly latency: LatencyCounts;
}

/** What is told of what a policy does, call by call and hold by hold. */
export interface Tally {
  /** A call that waited so long, and then took so long. */
  call(at: number, cold: boolean, delaySeconds: number, executeSeconds: number): void;
  /** Held from one moment to another. @param extraSeconds of a start that came before, where any of it is scored */
  hold(since: number, until: number, price: number, extraSeconds?: number, rung?: RungName): void;
}

/** Adds up an outcome. */
export class OutcomeTally implements Tally {
  #calls = 0;
  #cold = 0;
  #held = 0;
  #delay = 0;
  #busy = 0;
  readonly #latency = new LatencyCounts();

  constructor(readonly scored: Scored) {}

  /** A call that waited so long, and then took so long. */
  call(at: number, cold: boolean, delaySeconds: number, executeSeconds: number): void {
    if (at < this.scored.from || at >= this.scored.to) return;
    this.#calls++;
    if (cold) this.#cold++;
    this.#delay += delaySeconds;
    this.#busy += executeSeconds;
    this.#latency.add(delaySeconds + executeSeconds);
  }

  /** Held from one moment to another. @param extraSeconds of a start that came before, where any of it is scored */
  hold(since: number, until: number, price: number, extraSeconds = 0): void {
    const { from, to } = this.scored;
    const end = Math.min(until, to);
    if (end > since && end > from) this.#held += (end - Math.max(since, from) + extraSeconds) * price;
  }

  outcome({ id, pattern, memoryGb }: SlotFunction): SlotOutcome {
    return {
      id,
      pattern,
      calls: this.#calls,
      cold: this.#cold,
      heldGbSeconds: this.#held,
      busyGbSeconds: this.#busy * memoryGb,
      delaySeconds: this.#delay,
      latency: this.#latency,
    };
  }
}
