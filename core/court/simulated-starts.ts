import type { RemovalReason } from '../agent/instance-state';
import { seededRandom } from '../random/seeded-random';
import { startCause, type StartFacts } from '../start/start-cause';
import type { CourtFunction, MeasuredStarts } from './court-case';
import { EVENTS } from './event-queue';
import { SimulatedInstance, type SimulatedStart } from './simulated-instance';
import type { SimulatedNode } from './simulated-node';
import type { Simulation } from './simulation';

/** Keeps the draws of one function apart from those of its neighbours. */
const SEED_STRIDE = 0x9e3779b1;

/** What the pool knows of a start when it is decided. */
type PoolFacts = Pick<StartFacts, 'busy' | 'promised'>;

/** The starts and thaws of one function: how long each takes, and why it was needed. */
export class SimulatedStarts {
  /** Under way. */
  size = 0;
  #seen: boolean;
  #lastRemoval: RemovalReason | null;
  readonly #draw: () => number;
  readonly #restartMs: { readonly restore: number; readonly cold: number };

  constructor(
    private readonly index: number,
    private readonly fn: CourtFunction,
    private readonly node: SimulatedNode,
    private readonly simulation: Simulation,
  ) {
    this.#seen = fn.seen;
    this.#lastRemoval = fn.seen ? 'expired' : null;
    this.#draw = seededRandom(Math.imul(index + 1, SEED_STRIDE) ^ simulation.court.seed);
    this.#restartMs = { restore: mean(fn.starts.local), cold: mean(fn.starts.cold) };
  }

  /** The rung that an instance would be started from. */
  get rung(): 'restore' | 'cold' {
    const { checkpoint } = this.fn;
    return checkpoint !== null && checkpoint.from <= this.simulation.now ? 'restore' : 'cold';
  }

  /** What the next start would take, in milliseconds on average. */
  get restartMs(): number {
    return this.#restartMs[this.rung];
  }

  served(): void {
    this.#seen = true;
  }

  removed(reason: RemovalReason): void {
    this.#lastRemoval = reason;
  }

  /** It runs when the thaw is over. */
  thaw(instance: SimulatedInstance, facts: PoolFacts): SimulatedStart {
    const { now, queue } = this.simulation;
    instance.state = 'starting';
    instance.parked = false;
    instance.hold(instance.leased ? 'busy' : 'running', now);
    const ready = now + this.#sample('warm');
    queue.add(ready, EVENTS.awake, instance.index);
    return { kind: 'warm', cause: this.#cause('warm', facts), begun: now, running: ready, ready };
  }

  /** An instance that was made elsewhere, whose memory is committed: it serves at once. */
  join(): SimulatedInstance {
    const { now, meter, instances } = this.simulation;
    const instance = new SimulatedInstance(instances.length, this.index, meter, now);
    instances.push(instance);
    return instance;
  }

  /** A new instance, whose memory is committed and whose gate has a place. */
  begin(rung: 'restore' | 'cold', facts: PoolFacts): void {
    const { now, queue } = this.simulation;
    this.node.gates[rung].take();
    const cause = this.#cause(rung, facts);
    const source = rung === 'cold' ? 'cold' : this.node.useImage(this.index, now) ? 'local' : 'remote';
    const ready = now + this.#sample(source);
    const instance = this.join();
    instance.arrival = { kind: rung, cause, begun: now, running: ready, ready };
    this.size++;
    queue.add(ready, EVENTS.ready, instance.index);
  }

  /** The gate is left, and an image that was fetched stays. */
  finish(instance: SimulatedInstance): void {
    const kind = instance.arrival?.kind === 'restore' ? 'restore' : 'cold';
    const { checkpoint } = this.fn;
    if (kind === 'restore' && checkpoint) this.node.keepImage(this.index, checkpoint.rawBytes, this.simulation.now);
    this.node.gates[kind].leave();
    this.size--;
  }

  #cause(kind: 'warm' | 'restore' | 'cold', { busy, promised }: PoolFacts): SimulatedStart['cause'] {
    return startCause({
      kind,
      restoreFailed: false,
      busy: busy + this.size,
      lost: 0,
      revisionSeen: this.#seen,
      functionSeen: this.#seen,
      lastRemoval: this.#lastRemoval,
      promised,
    });
  }

  #sample(rung: keyof MeasuredStarts): number {
    const samples = this.fn.starts[rung];
    return samples[Math.floor(this.#draw() * samples.length)] as number;
  }
}

function mean(samples: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
}
