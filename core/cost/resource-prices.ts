/** What decisions weigh against each other, in micro-dollars: what to keep warm, and where to run it. */
export interface ResourcePrices {
  /** Of a gigabyte (10⁹ bytes) of memory that is taken for a second, whether somebody works in it or not. */
  readonly gbSecond: number;
  /** Of a core for a second. */
  readonly coreSecond: number;
  /** Of a gigabyte that lies in the image store for a second. */
  readonly storedGbSecond: number;
  /** Of a gigabyte that crosses from one region to another. */
  readonly transferGb: number;
  /** Of a second that a caller waits: nobody is charged for it, it is what an answer in time is worth. */
  readonly waitSecond: number;
}

/**
 * As public clouds sell them to functions: memory 16.67 dollars a million GB·s, CPU 28 a million core-seconds, storage 0.023 a GB
 * and month, two cents for a gigabyte between regions. A wait of a second is worth a cent.
 */
export const LIST_RESOURCE_PRICES: ResourcePrices = {
  gbSecond: 16.67,
  coreSecond: 28,
  storedGbSecond: 0.00875,
  transferGb: 20_000,
  waitSecond: 10_000,
};
