import { START_CAUSES, START_KINDS, type StartCause, type StartKind } from '../start/start';
import { phasesSeen } from '../start/start-phases';
import type { CourtCalls } from './court-case';
import type { SimulatedStart } from './simulated-instance';

const NO_CAUSE = 255;
const UNSERVED = 255;

/** What each call got, by its index. */
export class CallOutcomes {
  readonly #kinds: Uint8Array;
  readonly #causes: Uint8Array;
  /** Milliseconds from arrival until its instance served it, and the part of them that was spent in a queue. */
  readonly waitMs: Float64Array;
  readonly queueMs: Float64Array;
  /** When it ended. */
  readonly endAt: Float64Array;
  /** Calls that were served. */
  served = 0;

  constructor(private readonly calls: CourtCalls) {
    const { length } = calls.at;
    this.#kinds = new Uint8Array(length).fill(UNSERVED);
    this.#causes = new Uint8Array(length).fill(NO_CAUSE);
    this.waitMs = new Float64Array(length);
    this.queueMs = new Float64Array(length);
    this.endAt = new Float64Array(length);
  }

  /** The call is served from `at` on. @param start that it waited for; null: it found, or was left, a running instance */
  serve(call: number, at: number, start: SimulatedStart | null): void {
    const since = this.calls.at[call] as number;
    this.#kinds[call] = START_KINDS.indexOf(start?.kind ?? 'hot');
    this.#causes[call] = start?.cause ? START_CAUSES.indexOf(start.cause) : NO_CAUSE;
    this.waitMs[call] = at - since;
    this.queueMs[call] = phasesSeen(since, at, start).queueMs;
    this.endAt[call] = at + (this.calls.executeMs[call] as number);
    this.served++;
  }

  /** Undefined: not served. */
  kindOf(call: number): StartKind | undefined {
    return START_KINDS[this.#kinds[call] as number];
  }

  causeOf(call: number): StartCause | null {
    return START_CAUSES[this.#causes[call] as number] ?? null;
  }
}
