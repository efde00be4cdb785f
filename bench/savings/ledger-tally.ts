import { invocationCost } from '../../core/cost/invocation-cost';
import { picoOf } from '../../core/cost/money';
import type { UnitPrices } from '../../core/cost/price-table';
import type { RungName } from '../../core/warming/warming-policy';
import type { Scored, Tally } from '../policy/slots/slot-outcome';

const GB = 1e9;
const MONTH_SECONDS = 30 * 86_400;
/** What a call is promised: its own execution, and so much for its instance. */
export const PROMISED_WAIT_MS = 100;

/** What a bill consists of, as the ledger has it. */
export const BILL_PARTS = ['request', 'compute', 'memory', 'network', 'impact', 'warmth', 'storage'] as const;
export type BillPart = (typeof BILL_PARTS)[number];
/** Picodollars, exactly. */
export type Bill = Readonly<Record<BillPart, bigint>>;

/** What became of one function in a stretch of time. */
export interface LedgerOutcome {
  readonly calls: number;
  /** Calls that found no instance, that waited longer than is promised and by how much, and what all waited. */
  readonly started: number;
  readonly late: number;
  readonly lateSeconds: number;
  readonly waitedSeconds: number;
  readonly executeMs: number;
  readonly idleGbSeconds: { readonly running: number; readonly frozen: number };
  /** One for each price table. */
  readonly bills: readonly Bill[];
}

/** What a function is charged by. */
export interface ChargedFunction {
  /** Its limit: memory is charged by it, in use and idle. */
  readonly memoryBytes: number;
  /** Kept for it in the store; 0: no checkpoint. */
  readonly sealedBytes: number;
  /** What a call waits that finds no instance. */
  readonly startSeconds: number;
}

/** Adds up what a function costs, each call by the arithmetic of `core/cost`, rounded for itself as in the ledger. */
export class LedgerTally implements Tally {
  #calls = 0;
  #started = 0;
  #late = 0;
  #lateMs = 0;
  #waited = 0;
  #executeMs = 0;
  #running = 0;
  #frozen = 0;
  readonly #amounts: Record<'request' | 'compute' | 'memory' | 'network' | 'impact', number>[];

  constructor(
    private readonly fn: ChargedFunction,
    private readonly scored: Scored,
    private readonly tables: readonly UnitPrices[],
  ) {
    this.#amounts = tables.map(() => ({ request: 0, compute: 0, memory: 0, network: 0, impact: 0 }));
  }

  call(at: number, _cold: boolean, delaySeconds: number, executeSeconds: number): void {
    if (at < this.scored.from || at >= this.scored.to) return;
    const executeMs = 1000 * executeSeconds;
    const waitMs = 1000 * delaySeconds;
    this.#calls++;
    this.#waited += delaySeconds;
    this.#executeMs += executeMs;
    if (delaySeconds >= this.fn.startSeconds) this.#started++;
    if (waitMs > PROMISED_WAIT_MS) this.#late++;
    this.#lateMs += Math.max(0, waitMs - PROMISED_WAIT_MS);
    const usage = {
      served: true,
      // Traces say neither what a call computes nor how long its answer is.
      cpuMicros: null,
      bytesOut: 0,
      memoryByteMs: Math.round(this.fn.memoryBytes * executeMs),
      callerRegion: null,
      nodeRegion: null,
      totalMs: waitMs + executeMs,
      slaMs: PROMISED_WAIT_MS + executeMs,
    };
    this.tables.forEach((prices, table) => {
      const sums = this.#amounts[table];
      for (const { component, amount } of invocationCost(usage, prices).parts) if (sums) sums[component] += amount;
    });
  }

  hold(since: number, until: number, _price: number, extraSeconds = 0, rung: RungName = 'running'): void {
    const { from, to } = this.scored;
    const end = Math.min(until, to);
    if (end <= since || end <= from) return;
    const seconds = end - Math.max(since, from) + extraSeconds;
    if (rung === 'frozen') this.#frozen += seconds;
    else this.#running += seconds;
  }

  /** @throws RangeError where one function's amounts of one kind can no longer be counted exactly */
  outcome(): LedgerOutcome {
    const gb = this.fn.memoryBytes / GB;
    const idleGbSeconds = { running: gb * this.#running, frozen: gb * this.#frozen };
    const months = (this.scored.to - this.scored.from) / MONTH_SECONDS;
    return {
      calls: this.#calls,
      started: this.#started,
      late: this.#late,
      lateSeconds: this.#lateMs / 1000,
      waitedSeconds: this.#waited,
      executeMs: this.#executeMs,
      idleGbSeconds,
      bills: this.tables.map((prices, table): Bill => {
        const { request = 0, compute = 0, memory = 0, network = 0, impact = 0 } = this.#amounts[table] ?? {};
        return {
          request: exactly(request),
          compute: exactly(compute),
          memory: exactly(memory),
          network: exactly(network),
          impact: exactly(impact),
          warmth:
            exactly(picoOf(idleGbSeconds.running, prices.gbSecondRunning)) +
            exactly(picoOf(idleGbSeconds.frozen, prices.gbSecondFrozen)),
          storage: exactly(picoOf((this.fn.sealedBytes / GB) * months, prices.checkpointGbMonth)),
        };
      }),
    };
  }
}

/** @throws RangeError */
function exactly(pico: number): bigint {
  if (!Number.isSafeInteger(pico)) throw new RangeError(`${pico} picodollars can no longer be counted one by one`);
  return BigInt(pico);
}
