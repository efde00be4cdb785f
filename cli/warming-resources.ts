import type { RungName } from '../core/warming/warming-policy';

/** What the commands read of the API's answers about warmth and its policies; times are RFC 3339 text. */

export interface WarmingResource {
  readonly live: string;
  readonly challenger: string | null;
  readonly previous: string | null;
  readonly probation: number;
  readonly reverted: readonly string[];
  readonly generation: number;
  readonly verdicts: readonly {
    readonly at: string;
    readonly from: string;
    readonly to: string;
    readonly decision: string;
    readonly reason: string;
    readonly prices: readonly { readonly policy: string; readonly calls: number; readonly price: number }[];
  }[];
}
export interface PolicyReportResource {
  readonly policy: string;
  readonly calls: number;
  readonly coldShare: number;
  readonly coldShareOfFunctions: { readonly mean: number; readonly p50: number; readonly p75: number };
  readonly waitP50Ms: number;
  readonly waitP99Ms: number;
  readonly memoryGbSeconds: Readonly<Record<string, number>>;
  readonly price: { readonly holding: number; readonly waiting: number; readonly total: number };
}
export interface CourtSummaryResource {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly startedAt: string;
  readonly endedAt: string | null;
}
export interface CourtCaseResource {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly error: string | null;
  readonly result: {
    readonly from: string;
    readonly to: string;
    readonly policies: readonly PolicyReportResource[];
  } | null;
}
export interface StartExplanationResource {
  readonly waitedMs: number;
  /** Micro-dollars, as all prices here. */
  readonly price: number;
  readonly busy: number;
  readonly restedSeconds: number | null;
  readonly rungs: readonly { readonly rung: RungName; readonly delayMs: number; readonly price: number }[];
  readonly policies: readonly { readonly policy: string; readonly rung: RungName; readonly price: number }[];
}
export interface WarmthDecisionResource {
  readonly at: string;
  readonly policy: string;
  readonly reason: string;
  readonly ready: number;
  readonly steps: readonly { readonly after: number; readonly running: number; readonly frozen: number }[];
  readonly keepAlive: readonly number[];
  readonly pool: number;
  readonly floor: number;
  readonly forecastMean: number | null;
  readonly granted: Readonly<Record<string, number>>;
}
export interface WarmthResource extends WarmthDecisionResource {
  readonly function: string;
  readonly history: { readonly items: readonly WarmthDecisionResource[] };
}
