/** What a node has for instances. */
export interface NodeCapacity {
  /** That they may be promised in all, in bytes. */
  readonly memoryBytes: number;
  /** Thousandths of a core. */
  readonly cpuMillis: number;
  /** Functions that placement puts there at most. */
  readonly slots: number;
}
