import type { EvictionRanking } from '../warming/warming-policy';
import type { CourtCase } from './court-case';
import type { EventQueue } from './event-queue';
import type { MemoryMeter } from './memory-meter';
import type { CallOutcomes } from './call-outcomes';
import type { SimulatedInstance } from './simulated-instance';

/** What all parts of one replay share. */
export interface Simulation {
  readonly court: CourtCase;
  readonly queue: EventQueue;
  readonly meter: MemoryMeter;
  readonly outcomes: CallOutcomes;
  readonly ranking: EvictionRanking | null;
  /** By index; those that ended are undefined. */
  readonly instances: (SimulatedInstance | undefined)[];
  /** The present, in milliseconds. */
  now: number;
}
