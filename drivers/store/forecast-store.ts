import type { ForecastModelState } from '../../core/forecast/model-state';
import type { Page, PageQuery } from './store';

/** One trained model: of a function, or the network that all functions share (`functionId` null). */
export interface ForecastModelRecord {
  /** Digest of its artefact in the image store; unique for a function. */
  readonly id: string;
  readonly functionId: string | null;
  readonly tenant: string | null;
  readonly function: string | null;
  readonly state: ForecastModelState;
  /** Why it is in this state, one sentence. */
  readonly reason: string;
  /** The model that forecast while this one was trained. */
  readonly parent: string | null;
  /** Id of the network that it was validated with, and forecasts with. */
  readonly network: string | null;
  /** The minutes it was trained on; the end is exclusive. */
  readonly windowFrom: Date;
  readonly windowTo: Date;
  /** Of the counts it was trained on. */
  readonly dataDigest: string;
  readonly features: readonly string[];
  readonly members: readonly string[];
  /** Measures on the holdout, by name; null where one is not defined for it. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly workflowId: string;
  readonly runId: string;
  readonly createdAt: Date;
}

/** What was forecast for a function at one minute, for it and the minutes after it. Requests. */
export interface ForecastRecord {
  readonly functionId: string;
  /** The first minute that was forecast. */
  readonly at: Date;
  /** Null: the global model alone. */
  readonly modelId: string | null;
  /** The member with the most weight. */
  readonly spoke: string;
  readonly mean: readonly number[];
  readonly median: readonly number[];
  /** The minutes of each quantile, one quantile after the other. */
  readonly quantiles: readonly number[];
  /** Of all minutes together: the mean, the best single guess, then the quantiles. */
  readonly total: readonly number[];
  /** How strongly a spike is expected in each minute, 0 to 1, and where that is alarming. */
  readonly spike: readonly number[];
  readonly alarms: readonly boolean[];
}

/** The newest forecast of a function, with what explains it. */
export interface LatestForecastRecord extends ForecastRecord {
  readonly members: readonly { readonly name: string; readonly weight: number; readonly forecast: readonly number[] }[];
  readonly features: Readonly<Record<string, number>>;
  /** Error of the last hour (WAPE); null where nothing came or nothing had been forecast. */
  readonly hourWape: number | null;
}

/** Figures that only grow, kept over restarts, by which metrics are made. */
export const FORECAST_FIGURES = [
  'forecasts',
  'forecastSeconds',
  'corruptModels',
  'driftRetrains',
  'retrains',
  'retrainSeconds',
] as const;
export type ForecastFigure = (typeof FORECAST_FIGURES)[number];

/** What a forecast expects of its first two minutes: the larger of both. */
export interface NearForecast {
  readonly functionId: string;
  /** Its first minute. */
  readonly at: Date;
  readonly mean: number;
  /** One for each level of `QUANTILES`. */
  readonly quantiles: readonly number[];
}

export interface ForecastStore {
  /** Those that begin from `from` up to `to` and gave a request a chance of one in a hundred, by function, then time. */
  nearForecasts(query: {
    readonly from: Date;
    readonly to: Date;
    readonly functionIds: readonly string[];
  }): Promise<readonly NearForecast[]>;

  /** A model that waits to be deployed, or never will be. One that is there already stays as it is. */
  addForecastModel(model: Omit<ForecastModelRecord, 'createdAt'>): Promise<void>;
  /**
   * Makes it the model of its function; the one before becomes `superseded`. Nothing changes where it is deployed already.
   * @param ifDeployed when given: the id that must be deployed now, null for none
   * @throws PlatformError not_found; precondition_failed when another is deployed than `ifDeployed`
   */
  deployForecastModel(input: {
    functionId: string | null;
    id: string;
    reason: string;
    ifDeployed?: string | null;
  }): Promise<void>;
  /** Takes it out of service. @throws PlatformError not_found */
  markForecastModel(
    functionId: string | null,
    id: string,
    state: 'rejected' | 'corrupt',
    reason: string,
  ): Promise<void>;
  findForecastModel(functionId: string | null, id: string): Promise<ForecastModelRecord | null>;
  /** Newest first. */
  forecastModels(
    query: { functionId: string | null; states?: readonly ForecastModelState[] } & PageQuery,
  ): Promise<Page<ForecastModelRecord>>;
  /** The newest model of each function whatever its state, or of each that has one that is deployed. */
  currentForecastModels(which: 'newest' | 'deployed'): Promise<readonly ForecastModelRecord[]>;
  /**
   * Models made before `before` that nothing needs: not deployed, not the network of one that is kept. Those of deleted
   * functions too.
   */
  unneededForecastModels(before: Date, limit: number): Promise<readonly ForecastModelRecord[]>;
  /** Forgets it. True when no other row has its artefact, which may then be deleted. */
  deleteForecastModel(functionId: string | null, id: string): Promise<boolean>;
  /** How many models there are in each state. */
  forecastModelCounts(): Promise<Readonly<Partial<Record<ForecastModelState, number>>>>;

  /**
   * A forecast of the same function and minute is kept: what was said first counts.
   * @returns functions whose newest forecast is of this batch: of several workers that forecast the same minute one has each
   */
  writeForecasts(batch: readonly LatestForecastRecord[]): Promise<readonly string[]>;
  latestForecast(functionId: string): Promise<LatestForecastRecord | null>;
  /** Functions with the most expected requests first. `expected`: requests of all minutes of its newest forecast. */
  latestWapes(
    limit: number,
  ): Promise<
    readonly { readonly tenant: string; readonly function: string; readonly wape: number; readonly expected: number }[]
  >;
  /** By time; `from` inclusive, `to` exclusive. Without a function: of all, by function, then time. */
  forecasts(query: { functionId?: string; from: Date; to: Date }): Promise<readonly ForecastRecord[]>;

  /**
   * Notes what one step of a training run gave, and gives what counts: the artefact of the first that was noted. So a step
   * that is repeated after its end gives what it gave before.
   */
  noteTrainingStep(step: { run: string; step: string; artefact: string }): Promise<string>;
  trainingStep(run: string, step: string): Promise<string | null>;
  /** All steps of a run, with how often each was computed. */
  trainingSteps(
    run: string,
  ): Promise<readonly { readonly step: string; readonly artefact: string; readonly computed: number }[]>;
  /** Runs whose last step was noted before `before`. */
  oldTrainingRuns(before: Date): Promise<readonly string[]>;
  forgetTrainingRun(run: string): Promise<void>;

  addForecastFigures(figures: Readonly<Partial<Record<ForecastFigure, number>>>): Promise<void>;
  forecastFigures(): Promise<Readonly<Record<ForecastFigure, number>>>;
}
