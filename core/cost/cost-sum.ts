import { CALL_COMPONENTS, CALL_SCALES, callAmount, gigabytePrice } from './call-usage';
import type { CallPrices } from './price-book';
import { answerRegion } from './pricing';

/** What calls used, and what they cost: both by `CALL_COMPONENTS`, as the records count and in picodollars. */
export interface CallCosts {
  readonly used: readonly number[];
  readonly cost: readonly bigint[];
}

/** What a sum needs of a call. */
export interface PricedUsage {
  /** An instance was reached: what was refused before is no request that is charged. */
  readonly served: boolean;
  /** 0 where it was not measured. */
  readonly cpuMicros: number;
  readonly memoryByteMs: number;
  readonly bytesOut: number;
  /** Of the user who called; null: no user did, or it is not known. */
  readonly callerRegion: string | null;
  readonly totalMs: number;
}

/** From here on a part of a sum is put away, so that numbers stay exact. */
const FULL = 2 ** 52;

/**
 * The exact sum of what calls cost, each part of each call rounded for itself. Called for each call when a block is sealed:
 * it makes no objects.
 */
export class CostSum {
  readonly #used = new Float64Array(CALL_COMPONENTS.length);
  readonly #low = new Float64Array(CALL_COMPONENTS.length);
  readonly #high = CALL_COMPONENTS.map(() => 0n);

  add(of: CallPrices, call: PricedUsage): void {
    const { prices, region, slaMs } = of;
    const to = answerRegion(of, call.callerRegion);
    this.#count(0, call.served ? 1 : 0, prices.request);
    this.#count(1, call.cpuMicros, prices.cpuSecond);
    this.#count(2, call.memoryByteMs, prices.gbSecondRunning);
    this.#count(3, call.bytesOut, gigabytePrice(prices, to, region));
    if (slaMs !== null && call.totalMs > slaMs) this.#count(4, call.totalMs - slaMs, prices.slaSecond);
  }

  #count(component: number, used: number, price: number): void {
    if (!(used > 0)) return;
    this.#used[component] = (this.#used[component] as number) + used;
    if (price === 0) return;
    const amount = callAmount(used, CALL_SCALES[component] as number, price);
    const sum = (this.#low[component] as number) + amount;
    if (sum < FULL) {
      this.#low[component] = sum;
      return;
    }
    this.#high[component] = (this.#high[component] as bigint) + BigInt(this.#low[component] as number) + BigInt(amount);
    this.#low[component] = 0;
  }

  get costs(): CallCosts {
    return { used: [...this.#used], cost: this.#high.map((high, part) => high + BigInt(this.#low[part] as number)) };
  }
}

/** Of calls that are not priced. */
export const NO_COSTS: CallCosts = new CostSum().costs;
