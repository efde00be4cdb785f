import type { StartCause, StartKind } from '../start/start';
import type { WorkedInstance } from '../start/start-demand';
import type { StartMoments } from '../start/start-phases';
import type { MemoryMeter, MemoryState } from './memory-meter';

/** How an instance came to serve, and when. */
export interface SimulatedStart extends StartMoments {
  readonly kind: StartKind;
  readonly cause: StartCause | null;
}

/** An instance of the simulation: the agent's view of it, and what the gateway that leases it knows. */
export class SimulatedInstance implements WorkedInstance {
  /** As plans know it. */
  readonly id: string;
  state: 'starting' | 'leased' | 'idle' | 'frozen' = 'starting';
  readonly heldUntil = 0;
  idleSince = 0;
  inFlight = 0;
  served = 0;
  movedAt = 0;
  /** The gateway has it, or it wakes for the gateway. */
  leased = false;
  /** It sleeps in the gateway's name. */
  parked = false;
  /** What the next one who is granted it sees of its start; null when somebody has. */
  arrival: SimulatedStart | null = null;
  /** The thaw under way that requests on it wait for. */
  waking: SimulatedStart | null = null;
  /** What it is worth to a policy that ranks instances. */
  worth = 0;
  #held: MemoryState = 'starting';
  #since: number;

  /** @param pool index of its function */
  constructor(
    readonly index: number,
    readonly pool: number,
    private readonly meter: MemoryMeter,
    now: number,
  ) {
    this.id = String(index);
    this.#since = now;
  }

  /** Its memory is held for something else from now on; null: it has ended. */
  hold(state: MemoryState | null, now: number): void {
    if (state === this.#held) return;
    this.meter.add(this.pool, this.#held, this.#since, now);
    this.#since = now;
    if (state !== null) this.#held = state;
  }
}
