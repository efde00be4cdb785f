import type { TargetStep } from '../../core/warming/function-target';
import type { StartKind } from '../../core/start/start';
import type { ForecastRecord } from './forecast-store';
import type { Page, PageQuery } from './store';

/** A call that reached an instance. */
export interface EndedCall {
  readonly functionId: string;
  /** Its arrival at the gateway. */
  readonly at: Date;
  readonly totalMs: number;
  readonly executeMs: number;
  readonly kind: StartKind;
  /** What the caller waited for its instance: queueing and start. */
  readonly waitMs: number;
  /** Calls that this one stands for: 1, or more where a function had more calls than were asked for. */
  readonly standsFor: number;
}

/** What was decided to hold of a function at one time, and why. */
export interface WarmthRecord {
  readonly functionId: string;
  readonly at: Date;
  /** All that were decided at once share it. */
  readonly decisionId: string;
  readonly tenant: string;
  readonly function: string;
  readonly revision: number;
  readonly revisionId: string;
  readonly policy: string;
  /** Seconds after `at`. */
  readonly steps: readonly TargetStep[];
  /** Seconds that instances may rest, by place; empty: the manifest's. */
  readonly keepAlive: readonly number[];
  /** Uses a second that are expected of each instance, by place. */
  readonly uses: readonly number[];
  /** Instances that the forecast asked for, and that were declared. */
  readonly pool: number;
  readonly floor: number;
  /** Calls a second that are expected. */
  readonly expectedRate: number;
  /** Calls that the forecast expects of the next minute; null without a forecast. */
  readonly forecastMean: number | null;
  /** The most instances that each node may hold for it, by the node's name. */
  readonly granted: Readonly<Record<string, number>>;
  /** Some node may hold fewer than were asked for. */
  readonly capped: boolean;
  /** For people, one sentence. */
  readonly reason: string;
}

/** Figures that only grow, kept over restarts, by which metrics are made. */
export const WARMING_FIGURES = ['decisions', 'planSeconds', 'targets', 'capped', 'unreachedNodes'] as const;
export type WarmingFigure = (typeof WARMING_FIGURES)[number];

export interface WarmingStore {
  /**
   * Calls whose end lies from `from` up to but not at `to`, by function, then arrival; none that took longer than ten minutes.
   * Of a function that had more than `perFunction` every n-th only, of the ordinary calls and of the others each for
   * itself; each then stands for n.
   */
  callsBetween(query: {
    readonly from: Date;
    readonly to: Date;
    readonly perFunction: number;
    readonly functionIds?: readonly string[];
  }): Promise<readonly EndedCall[]>;
  /** Mean time of a call of each function that was called since, in milliseconds. */
  meanExecuteMs(since: Date): Promise<ReadonlyMap<string, number>>;
  /** The newest forecast of each function of which one was made at that time or later. */
  latestForecasts(since: Date): Promise<readonly Pick<ForecastRecord, 'functionId' | 'at' | 'mean' | 'quantiles'>[]>;

  /**
   * The newest decision of a function takes the place of the one before. It goes into the history too, unless neither of both
   * holds anything.
   */
  writeWarmth(batch: readonly WarmthRecord[]): Promise<void>;
  /** What was decided at once and is still the newest of its function, by tenant and function. */
  warmthOf(decisionId: string): Promise<readonly WarmthRecord[]>;
  latestWarmth(functionId: string): Promise<WarmthRecord | null>;
  /** Newest first. */
  warmthHistory(query: { readonly functionId: string } & PageQuery): Promise<Page<WarmthRecord>>;

  addWarmingFigures(figures: Readonly<Partial<Record<WarmingFigure, number>>>): Promise<void>;
  warmingFigures(): Promise<Readonly<Record<WarmingFigure, number>>>;
}
