import type { StartKind } from '../start/start';
import { rungsOf, type WarmingPrices } from './prices';
import type { StartTimes } from './start-times';
import type { Rung, WarmFunction } from './warming-policy';

/** Until one was measured. */
const UNKNOWN_EXECUTE_SECONDS = 0.1;
const LEARNING_RATE = 0.02;

/** What is declared and deployed of a function. */
export interface DeclaredFunction {
  /** Of one instance, in GB. */
  readonly memoryGb: number;
  readonly hasCheckpoint: boolean;
  readonly concurrency: number;
  readonly min: number;
  readonly max: number;
}

/** A call that was measured. */
export interface MeasuredCall {
  readonly kind: StartKind | null;
  /** What the caller waited for its instance. */
  readonly waitMs: number;
  readonly executeMs: number;
}

/** A function as policies see it; what is measured changes under their eyes. The platform has it so, and so has the court. */
export class MeasuredFunction implements WarmFunction {
  memoryGb = 0;
  rungs: readonly Rung[] = [];
  executeSeconds = UNKNOWN_EXECUTE_SECONDS;
  concurrency = 1;
  min = 0;
  max = 1;
  #hasCheckpoint = false;

  constructor(
    readonly id: string,
    declared: DeclaredFunction,
    private readonly starts: StartTimes,
    private readonly prices: WarmingPrices,
  ) {
    this.declare(declared);
  }

  declare({ memoryGb, hasCheckpoint, concurrency, min, max }: DeclaredFunction): void {
    Object.assign(this, { memoryGb, concurrency, min, max });
    this.#hasCheckpoint = hasCheckpoint;
    this.#price();
  }

  /** Takes in a call that has ended; what is no time from 0 on is passed over. */
  learn({ kind, waitMs, executeMs }: MeasuredCall): void {
    if (executeMs >= 0) this.executeSeconds += LEARNING_RATE * (executeMs / 1000 - this.executeSeconds);
    if (kind === null || kind === 'hot') return;
    this.starts.learn(kind, waitMs / 1000);
    this.#price();
  }

  #price(): void {
    this.rungs = rungsOf({ memoryGb: this.memoryGb, hasCheckpoint: this.#hasCheckpoint }, this.prices, this.starts);
  }
}
