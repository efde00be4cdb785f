import { EVENTS } from './event-queue';
import type { Simulation } from './simulation';

/** When one function's plan is to be looked at again; however often that is put off, few events are queued for it. */
export class PlanReminder {
  #at = Infinity;
  /** For when an event was queued last. */
  #eventAt = Infinity;

  constructor(
    private readonly index: number,
    private readonly simulation: Simulation,
  ) {}

  /** @param at milliseconds; null: it does not change by itself */
  set(at: number | null): void {
    this.#at = at !== null && at < Number.MAX_SAFE_INTEGER ? at : Infinity;
    if (this.#at >= this.#eventAt) return;
    this.#eventAt = this.#at;
    this.simulation.queue.add(this.#at, EVENTS.plan, this.index);
  }

  /** An event has come. True: it is time; false: an earlier one has taken its place, or it was put off and another will come. */
  due(): boolean {
    const { now } = this.simulation;
    if (now !== this.#eventAt) return false;
    this.#eventAt = Infinity;
    if (this.#at <= now) return true;
    this.set(this.#at);
    return false;
  }
}
