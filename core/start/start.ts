/** How an invocation got its instance. */
export const START_KINDS = ['hot', 'warm', 'restore', 'cold'] as const;
export type StartKind = (typeof START_KINDS)[number];

/** Why it was not hot. A hot start has no cause. */
export const START_CAUSES = [
  'first',
  'expired',
  'evicted',
  'forecast-miss',
  'burst',
  'deploy',
  'migration',
  'restore-failed',
  'node-lost',
] as const;
export type StartCause = (typeof START_CAUSES)[number];

/** Where the time of a start went, in milliseconds; absent phases did not happen. Their sum is the start's length. */
export interface StartPhases {
  /** Waiting for capacity or for a start slot. */
  readonly queueMs: number;
  /** Making the sandbox run: create + start, thaw or restore. */
  readonly sandboxMs: number;
  /** From a running sandbox to a listening one, and the network where it has one. */
  readonly readyMs: number;
}
