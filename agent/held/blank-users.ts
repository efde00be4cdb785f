import type { SharedUser } from '../../core/cost/warmth/split-shared';
import { minuteOf, MINUTE_MS } from '../../core/cost/warmth/minute-parts';
import type { RunSpec } from '../../core/function/run-spec';

type Use = 'took' | 'started';

/** Minutes that are looked back on. */
const LOOK_BACK_MINUTES = 60;

/** Which functions took runtimes that were booted ahead during the last hour, and which were started cold without one. */
export class BlankUsers {
  readonly #minutes = new Map<number, Record<Use, Map<string, number>>>();
  readonly #users = new Map<string, SharedUser>();

  /** @param now Unix milliseconds */
  note(use: Use, { tenant, functionId, function: name }: RunSpec, now: number): void {
    const minute = minuteOf(now);
    let uses = this.#minutes.get(minute);
    if (!uses) this.#minutes.set(minute, (uses = { took: new Map(), started: new Map() }));
    uses[use].set(functionId, (uses[use].get(functionId) ?? 0) + 1);
    this.#users.set(functionId, { tenant, functionId, function: name });
  }

  /** How many each function took; where none was taken, how often each was started; empty where neither happened. */
  of(now: number): ReadonlyMap<SharedUser, number> {
    this.#forget(minuteOf(now) - LOOK_BACK_MINUTES * MINUTE_MS);
    const took = this.#sum('took');
    return took.size > 0 ? took : this.#sum('started');
  }

  #sum(use: Use): Map<SharedUser, number> {
    const sums = new Map<SharedUser, number>();
    for (const uses of this.#minutes.values()) {
      for (const [functionId, count] of uses[use]) {
        const user = this.#users.get(functionId);
        if (user) sums.set(user, (sums.get(user) ?? 0) + count);
      }
    }
    return sums;
  }

  #forget(until: number): void {
    let forgot = false;
    for (const minute of this.#minutes.keys()) if (minute <= until) forgot = this.#minutes.delete(minute) || forgot;
    if (!forgot) return;
    const known = new Set(
      [...this.#minutes.values()].flatMap(({ took, started }) => [...took.keys(), ...started.keys()]),
    );
    for (const functionId of this.#users.keys()) if (!known.has(functionId)) this.#users.delete(functionId);
  }
}
