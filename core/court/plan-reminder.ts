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

  /** An event has come. True: it is time; false: it was put off, and another event will come. */
  due(): boolean {
    this.#eventAt = Infinity;
    if (this.#at <= this.simulation.now) return true;
    this.set(this.#at);
    return false;
  }
}
