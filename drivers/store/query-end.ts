/** How one statement went. */
export interface QueryEnd {
  /** Milliseconds, waiting for a connection left out. */
  readonly ms: number;
  readonly failed: boolean;
}
