import type { AgentClient } from '../agent/rpc/agent-client';
import type { CourtNode } from '../core/court/court-case';
import type { RunSpec } from '../core/function/run-spec';
import type { WarmingPrices } from '../core/warming/prices';
import type { Cluster } from '../drivers/cluster/cluster';
import type { ArimaFitter } from '../drivers/arima/arima-fitter';
import type { CourtRunner } from '../drivers/court/court-runner';
import type { ImageStore } from '../drivers/image-store/image-store';
import type { Trainer } from '../drivers/trainer/trainer';
import type { RetentionDays, RevisionRecord, Store } from '../drivers/store/store';
import type { WarmthPlanner } from './warmth-planner';

/** What activities work with; made once by the control worker. */
export interface ActivityDependencies {
  readonly store: Store;
  readonly images: ImageStore;
  readonly trainer: Trainer;
  readonly arima: ArimaFitter;
  readonly cluster: Cluster;
  /** The client of a node's agent. @throws PlatformError not_found for a node that the cluster does not know */
  readonly agent: (node: string) => Promise<AgentClient>;
  /** The run spec with its secrets opened; it never goes into a workflow's history. */
  readonly runSpec: (revision: RevisionRecord) => Promise<RunSpec>;
  readonly warmth: WarmthPlanner;
  readonly court: CourtRunner;
  /** What replays must know of the platform. */
  readonly platform: {
    readonly prices: WarmingPrices;
    /** The policy that decides as long as nobody has chosen another. */
    readonly policy: string;
    /** How long gateways keep an instance that nothing uses. */
    readonly lingerMs: number;
    /** Of each node, beside its memory. */
    readonly node: Omit<CourtNode, 'memoryBytes'>;
  };
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly retention: {
    readonly checkpointsMs: number;
    readonly days: RetentionDays;
    /** Of forecast models that nothing needs. */
    readonly forecastModelDays: number;
  };
}
