import { QuickestTurn } from '../../core/start/quickest-turn';
import { startsNeeded } from '../../core/start/start-need';
import type { Lease } from './lease';

/** An instance that has finished nothing for so many turns, and for the time of a start, is not counted on. */
const STUCK_TURNS = 4;
/** What a new instance is worth is seen at its second request: the first one is slow in ways that do not come again. */
const PROVING_REQUESTS = 2;
/** A start's time before any was seen, in milliseconds. */
const ASSUMED_START_MS = 20;

/** How many more instances the requests that wait are worth, as far as the instances at work let it be known. */
export class StartDemand {
  /** Between two requests that a busy instance finishes. */
  readonly #turn = new QuickestTurn();

  /** @param concurrency requests that one instance serves at once */
  constructor(private readonly concurrency: number) {}

  /** Starts to be under way. @param startMs what one takes; null when that is not known */
  needed(waiting: number, leases: Iterable<Lease>, startMs: number | null): number {
    const now = performance.now();
    const patienceMs = Math.max(startMs ?? ASSUMED_START_MS, STUCK_TURNS * (this.#turn.ms ?? 0));
    let moving = 0;
    let longestMs = 0;
    for (const { inFlight, movedAt } of leases) {
      if (inFlight === 0) continue;
      if (now - movedAt <= patienceMs) moving++;
      else longestMs = Math.max(longestMs, now - movedAt);
    }
    // Where none moves, what they take says more about the next requests than what those before took.
    const turnMs = this.#turn.ms === null || moving > 0 ? this.#turn.ms : Math.max(this.#turn.ms, longestMs);
    return startsNeeded({ waiting, concurrency: this.concurrency, moving, turnMs, startMs });
  }

  /** Has an instance just begun that may be all it takes? Where requests take longer than starts that need not be asked. */
  proving(leases: Iterable<Lease>, startMs: number | null): boolean {
    const patienceMs = startMs ?? ASSUMED_START_MS;
    if (this.#turn.ms !== null && this.#turn.ms >= patienceMs) return false;
    const since = performance.now() - patienceMs / 2;
    for (const { served, movedAt, inFlight } of leases) {
      if (served < PROVING_REQUESTS && inFlight > 0 && movedAt > since) return true;
    }
    return false;
  }

  /** A request has left the lease; its turn is over. */
  finished(lease: Lease): void {
    const now = performance.now();
    if (lease.served > 1 || this.#turn.ms === null) this.#turn.note(now - lease.movedAt);
    lease.movedAt = now;
  }
}
