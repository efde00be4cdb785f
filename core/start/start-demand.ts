import { startsNeeded } from './start-need';
import { TurnWindow } from './turn-window';

/** An instance that requests share, as the demand sees it. Moments are milliseconds on one clock. */
export interface WorkedInstance {
  /** Requests on it now. */
  readonly inFlight: number;
  /** Requests answered since it was granted or woken. */
  readonly served: number;
  /** When it last finished a request, or began one after doing nothing. */
  movedAt: number;
}

export interface StartDemandOptions {
  readonly concurrency: number;
  /** Cores that instances share, over all nodes. */
  readonly cores: () => number;
}

/** An instance that has finished nothing for so many turns, and for the time of a start, is not counted on. */
const STUCK_TURNS = 4;
/** What a new instance is worth is seen at its second request: the first one is slow in ways that do not come again. */
const PROVING_REQUESTS = 2;
/** A start's time before any was seen, in milliseconds. */
const ASSUMED_START_MS = 20;

/** What an answered request took of a core, in microseconds, where that is known. */
export interface Answered {
  readonly cpuMicros: number | null;
}

/** How many more instances the requests that wait are worth, as far as the instances at work let it be known. */
export class StartDemand {
  /** Between two requests that a busy instance finishes. */
  readonly #turn = new TurnWindow(Math.min);
  /** Of a core, that such an instance takes. */
  readonly #share = new TurnWindow(Math.max);

  constructor(private readonly options: StartDemandOptions) {}

  /** Starts to be under way. @param startMs what one takes; null when that is not known */
  needed(waiting: number, leases: Iterable<WorkedInstance>, startMs: number | null, now: number): number {
    const patienceMs = Math.max(startMs ?? ASSUMED_START_MS, STUCK_TURNS * (this.#turn.value ?? 0));
    let moving = 0;
    let longestMs = 0;
    for (const { inFlight, movedAt } of leases) {
      if (inFlight === 0) continue;
      if (now - movedAt <= patienceMs) moving++;
      else longestMs = Math.max(longestMs, now - movedAt);
    }
    // Where none moves, what they take says more about the next requests than what those before took.
    const strange = moving === 0 && longestMs > 0;
    const turnMs = this.#turn.value !== null && strange ? Math.max(this.#turn.value, longestMs) : this.#turn.value;
    const useful = strange ? Number.POSITIVE_INFINITY : this.#useful();
    const { concurrency } = this.options;
    return startsNeeded({ waiting, concurrency, moving, useful, turnMs, startMs });
  }

  /** How long the last of so many requests waits while instances finish those before it, milliseconds; 0 where it is not known. */
  waitMs(waiting: number, instances: number): number {
    const turnMs = this.#turn.value;
    return turnMs === null || instances === 0 ? 0 : (waiting * turnMs) / instances;
  }

  /** Instances that the cores could keep at work. Requests that wait for something else leave room for more. */
  #useful(): number {
    const share = this.#share.value;
    if (share === null || share === 0) return Number.POSITIVE_INFINITY;
    return Math.max(1, Math.ceil(this.options.cores() / Math.min(1, share)));
  }

  /** Has an instance just begun that may be all it takes? Where requests take longer than starts that need not be asked. */
  proving(leases: Iterable<WorkedInstance>, startMs: number | null, now: number): boolean {
    const patienceMs = startMs ?? ASSUMED_START_MS;
    if (this.#turn.value !== null && this.#turn.value >= patienceMs) return false;
    const since = now - patienceMs / 2;
    for (const { served, movedAt, inFlight } of leases) {
      if (served < PROVING_REQUESTS && inFlight > 0 && movedAt > since) return true;
    }
    return false;
  }

  /** A request has left the lease; its turn is over. Only one that was answered says what the next will take. */
  finished(lease: WorkedInstance, answered: Answered | null, now: number): void {
    const turnMs = now - lease.movedAt;
    lease.movedAt = now;
    if (!answered || (lease.served === 1 && this.#turn.value !== null)) return;
    const { cpuMicros } = answered;
    this.#turn.note(turnMs);
    if (cpuMicros !== null && turnMs > 0) this.#share.note(cpuMicros / 1_000 / turnMs);
  }
}
