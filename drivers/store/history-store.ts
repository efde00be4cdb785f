/** Minute counts feed the forecast, which looks back at most this far; older ones are forgotten. */
export const MINUTE_COUNT_DAYS = 90;

/** Requests a minute of one function as another system counted them. */
export interface ImportedSeries {
  readonly functionId: string;
  /** The whole minute of the first count. */
  readonly first: Date;
  /** One for each minute from then on. */
  readonly counts: Int32Array;
}

/** How one function was used, without a gap: `from` and a minute for each count. */
export interface FunctionHistory {
  readonly functionId: string;
  /** The first minute of which anything is known; where nothing is, the end of what was asked for. */
  readonly from: Date;
  /** Requests in each minute up to that end, 0 where none were counted. */
  readonly counts: Float64Array;
}

/** What is known of one UTC day of a function. */
export interface HistoryDay {
  readonly day: Date;
  /** Minutes that were imported, those with 0 requests among them, and their requests. */
  readonly importedMinutes: number;
  readonly imported: number;
  /** Where they come from, in the words of who imported them last; null where nothing was. */
  readonly source: string | null;
  /** Minutes in which the platform itself counted requests, and how many. */
  readonly ownMinutes: number;
  readonly own: number;
}

/** The past of functions: what the platform counted itself, and what was imported from other systems. */
export interface HistoryStore {
  /**
   * All or nothing. What was imported before for the same functions and minutes is replaced; other minutes stay.
   * @returns how many days of functions are not as they were before @throws PlatformError not_found when a function is unknown
   */
  importHistory(input: {
    readonly tenant: string;
    readonly source: string;
    readonly series: readonly ImportedSeries[];
  }): Promise<number>;
  /** Forgets what was imported; false when there was nothing. The platform's own counts stay. */
  deleteImportedHistory(functionId: string): Promise<boolean>;
  /** Oldest first; days of which nothing is known are left out. */
  historyDays(functionId: string): Promise<readonly HistoryDay[]>;
  /**
   * In the order of the ids. A minute that the platform counted itself counts so, whatever was imported for it.
   * @param query `from` inclusive, `to` exclusive; parts of a minute are cut off
   */
  functionHistory(query: {
    readonly functionIds: readonly string[];
    readonly from: Date;
    readonly to: Date;
  }): Promise<readonly FunctionHistory[]>;
}
