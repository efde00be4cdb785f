/** What the platform as a whole is held to; the alerts of deploy/chart/prometheus go by the same. */
export const OBJECTIVES = {
  /** Share of invocations that are answered without a failure. */
  availability: 0.999,
  /** Share of invocations that begin to be answered within `latencyMs`. */
  latency: 0.99,
  latencyMs: 200,
  /** Most of the invocations that may begin with a cold start, as a share. */
  coldShare: 0.1,
} as const;

/** How an objective is kept. */
export interface Kept {
  readonly objective: number;
  /** Null where there was nothing to keep it at. */
  readonly share: number | null;
  /** How fast the error budget is used up: at 1 it lasts for just as long as it is meant to. */
  readonly burn: number | null;
}

export function keptOf(objective: number, share: number | null): Kept {
  return { objective, share, burn: share === null ? null : (1 - share) / (1 - objective) };
}
