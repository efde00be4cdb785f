import { randomBytes } from 'node:crypto';
import type { InstanceState, RemovalReason } from '../../core/agent/instance-state';
import type { RunSpec } from '../../core/function/run-spec';
import type { StartCause, StartKind } from '../../core/start/start';
import type { StartMoments } from '../../core/start/start-phases';
import type { Endpoint } from '../../drivers/sandbox/sandbox';

/** Who uses an instance. `gatewayId` is null after a restart of the agent, until a gateway names it in its Hello. */
export interface Lease {
  gatewayId: string | null;
  /** Unix milliseconds. */
  readonly since: number;
}

/**
 * Whether a gateway may wake a frozen instance without asking. `recalled`: it is being asked not to; `away`: it cannot be
 * asked now.
 */
export type Parking = 'none' | 'parked' | 'recalled' | 'away';

/** How an instance last came to be free: told to those who waited for it, forgotten at its first lease. */
export interface Arrival extends StartMoments {
  readonly kind: Exclude<StartKind, 'hot'>;
  readonly cause: StartCause | null;
}

/** Someone who wants the instance for itself, ahead of traffic (a checkpoint). */
export interface Claim {
  readonly granted: () => void;
  readonly refused: (reason: string) => void;
}

/**
 * `pool` serves traffic; a `template` is kept aside for a deploy; a `trial` proves that a checkpoint restores.
 */
export type InstanceRole = 'pool' | 'template' | 'trial';

const TAIL_LINES = 20;

/** One sandbox of a revision on this node, from the decision to start it to its end. */
export class Instance {
  readonly id: string;
  readonly run: RunSpec;
  readonly checkpointId: string | null;
  /** How it was made. */
  kind: 'restore' | 'cold';
  /** It was a runtime that had been booted ahead. */
  readonly blank: boolean;
  role: InstanceRole;
  #state: InstanceState = 'starting';
  /** Told of every new state. */
  onState: ((instance: Instance) => void) | null = null;
  /** Unix milliseconds. */
  startedAt = Date.now();
  endpoint: Endpoint | null = null;
  pid = 0;
  lease: Lease | null = null;
  parking: Parking = 'none';
  /** It has not run since it was last frozen. */
  asleep = false;
  /** Of a freeze or thaw under way: whether it comes to its end. */
  step: Promise<boolean> = Promise.resolve(true);
  arrival: Arrival | null = null;
  /** `traceparent` of the invocation that asked for it last, where its trace is kept. */
  traceparent: string | null = null;
  claim: Claim | null = null;
  /** Unix milliseconds since which nobody uses it. */
  idleSince = Date.now();
  /** Unix milliseconds until which it neither freezes nor ends by itself. */
  heldUntil = 0;
  /** Unix milliseconds at which it was last asked whether it is well, while it was frozen. */
  pingedAt = 0;
  served = 0;
  /** Its memory was handed over to it by whoever started it: its end gives it back. */
  ownsMemory = false;
  /** Set while it is in use: it ends for this reason as soon as it is not. */
  endReason: RemovalReason | null = null;
  /** Lets the raw image go that a restored instance maps. */
  unpin: (() => void) | null = null;
  /** Resolves when nothing of it is left. */
  readonly whenGone: Promise<void>;
  readonly #gone: () => void;
  /** The last lines it wrote before it listened, for the error of a start that fails. */
  readonly tail: string[] = [];

  constructor(options: {
    run: RunSpec;
    kind: 'restore' | 'cold';
    role: InstanceRole;
    checkpointId?: string | null;
    blank?: boolean;
    id?: string;
  }) {
    this.id = options.id ?? randomBytes(10).toString('hex');
    this.run = options.run;
    this.kind = options.kind;
    this.role = options.role;
    this.checkpointId = options.checkpointId ?? null;
    this.blank = options.blank ?? false;
    let gone: () => void = () => undefined;
    this.whenGone = new Promise((resolve) => (gone = resolve));
    this.#gone = gone;
  }

  get state(): InstanceState {
    return this.#state;
  }

  set state(state: InstanceState) {
    if (state === this.#state) return;
    this.#state = state;
    this.onState?.(this);
  }

  /** What the node promises it. */
  get memoryBytes(): number {
    return this.run.limits.memoryBytes;
  }

  get ended(): boolean {
    return this.state === 'stopping' || this.state === 'gone';
  }

  /** Its last state. */
  becomeGone(): void {
    this.state = 'gone';
    this.#gone();
  }

  note(line: string): void {
    this.tail.push(line);
    if (this.tail.length > TAIL_LINES) this.tail.shift();
  }
}
