import type { AgentClient } from '../agent/rpc/agent-client';
import type { CourtNode } from '../core/court/court-case';
import type { StrategyName } from '../core/cost/advice/strategies';
import type { PriceTable, UnitPrices } from '../core/cost/price-table';
import type { RunSpec } from '../core/function/run-spec';
import type { WarmingPrices } from '../core/warming/prices';
import type { CostAdvisor } from '../drivers/advisor/cost-advisor';
import type { Cluster } from '../drivers/cluster/cluster';
import type { ArimaFitter } from '../drivers/arima/arima-fitter';
import type { CourtRunner } from '../drivers/court/court-runner';
import type { Distances } from '../core/network/latency-matrix';
import type { PlacementSettings } from '../core/plan/placement-settings';
import type { ImageStore } from '../drivers/image-store/image-store';
import type { PlacementPlanner } from '../drivers/planner/placement-planner';
import type { WebhookSender } from '../drivers/webhook/webhook-sender';
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
  /** How far apart nodes are. */
  readonly network: Distances;
  /** Bytes a second between the gateways and a region; Infinity where nothing limits it. */
  readonly bandwidth: (region: string) => number;
  /** The client of a node's agent. @throws PlatformError not_found for a node that the cluster does not know */
  readonly agent: (node: string) => Promise<AgentClient>;
  /** The run spec with its secrets opened; it never goes into a workflow's history. */
  readonly runSpec: (revision: RevisionRecord) => Promise<RunSpec>;
  /** Secrets of a tenant by name, of those that exist; they never go into a workflow's history. */
  readonly secrets: (tenant: string, names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly webhooks: WebhookSender;
  /** What everything costs: also what is kept for functions. */
  readonly prices: PriceTable;
  /** How many gateways take calls, as far as is configured. */
  readonly gateways: number;
  readonly warmth: WarmthPlanner;
  readonly court: CourtRunner;
  readonly advisor: CostAdvisor;
  readonly planner: PlacementPlanner;
  readonly placement: PlacementSettings;
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
  /** What recommendations are reckoned with. */
  readonly costs: {
    /** Of a machine of one's own: what a node that is switched off saves. */
    readonly machine: UnitPrices;
    /** Strategies whose recommendations are applied without being asked for. */
    readonly autoApply: readonly StrategyName[];
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
