import type { StoragePricing } from '../../core/cost/storage-cost';
import type { HeldRow } from '../../core/cost/warmth/held-row';

/** What rested for a function in one minute on one node, all reports of it together. */
export interface HeldMinute extends HeldRow {
  readonly node: string;
  readonly pricing: string;
  /** Picodollars. */
  readonly cost: bigint;
}

/** What the checkpoints of a function took in one hour. */
export interface StorageHour {
  readonly tenant: string;
  readonly functionId: string;
  readonly function: string;
  /** Its start. */
  readonly hour: Date;
  readonly pricing: string;
  /** Sealed bytes × milliseconds. */
  readonly byteMs: bigint;
  /** Picodollars. */
  readonly cost: bigint;
}

/** What is kept for functions between their calls. */
export interface HeldStore {
  /** `from` inclusive, `to` exclusive; by minute, then node. */
  heldMinutes(query: {
    readonly functionId: string;
    readonly from: Date;
    readonly to: Date;
  }): Promise<readonly HeldMinute[]>;
  /**
   * Charges the hours that have ended since the last that was charged, a day of them at most; the first time one. A checkpoint counts from its
   * beginning on, and in the hour of its deletion no more. Repeats, also at the same time, charge nothing twice.
   * @returns how many functions' hours were charged
   */
  chargeStorage(now: Date, prices: StoragePricing): Promise<number>;
  /** As `heldMinutes`. */
  storageHours(query: {
    readonly functionId: string;
    readonly from: Date;
    readonly to: Date;
  }): Promise<readonly StorageHour[]>;
}
