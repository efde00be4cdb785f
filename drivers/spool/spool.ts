/** Batches that wait on a disk until whoever takes them is back. Bounded; the order of batches is kept. */
export interface Spool<T> {
  /** What waits, in bytes. */
  readonly bytes: number;
  /** Keeps a batch. False, and nothing is kept, where it would pass the bound or the disk is full. */
  append(batch: T): Promise<boolean>;
  /** The batch that has waited longest; undefined when none waits. */
  oldest(): Promise<Segment<T> | undefined>;
}

export interface Segment<T> {
  readonly batch: T;
  /** It is where it belongs: forgets it. */
  remove(): Promise<void>;
}
