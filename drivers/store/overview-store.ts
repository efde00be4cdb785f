import type { LatencyHour, StepCount } from '../../core/overview/overview';

export interface OverviewStore {
  /**
   * What all functions of a tenant were called together, by steps that are whole minutes long and count from 1970 on; steps
   * without invocations have no row. Ascending; `from` inclusive, `to` exclusive, both at the start of a minute.
   */
  stepCounts(query: {
    readonly tenant: string;
    readonly from: Date;
    readonly to: Date;
    readonly stepMs: number;
  }): Promise<readonly StepCount[]>;
  /** How long all who waited for a tenant's functions did, by the UTC hours that touch `from` (inclusive) to `to` (exclusive). */
  latencyHours(query: {
    readonly tenant: string;
    readonly from: Date;
    readonly to: Date;
  }): Promise<readonly LatencyHour[]>;
}
