import type { CheckpointState } from '../../core/control/checkpoint-state';
import type { HeldBatch } from '../../core/cost/warmth/held-batch';
import type { Manifest } from '../../core/function/manifest';
import type { RunSpec } from '../../core/function/run-spec';
import type { StartKind } from '../../core/start/start';
import type {
  AliasRecord,
  CheckpointRecord,
  DeploymentRecord,
  DeploymentState,
  FunctionRecord,
  RevisionRecord,
  RevisionState,
  TenantRecord,
} from './control-records';
import type { AdviceStore, MemoryHour } from './advice-store';
import type { AuditStore } from './audit-store';
import type { BudgetStore } from './budget-store';
import type { CostStore } from './cost-store';
import type { AuthorityStore } from './authority-store';
import type { DeclaredPolicyStore } from './declared-policy-store';
import type { ForecastStore } from './forecast-store';
import type { HeldStore } from './held-store';
import type { HistoryStore } from './history-store';
import type { IdentityStore } from './identity-store';
import type { LimitStore } from './limit-store';
import type { PlacementDecisionStore } from './placement-decision-store';
import type { PlacementRecord, PlacementStore } from './placement-store';
import type { NodeStore } from './node-store';
import type { PolicyStore } from './policy-store';
import type { OverviewStore } from './overview-store';
import type { TrafficMapStore } from './traffic-map-store';
import type { WarmingStore } from './warming-store';
import type {
  EventRecord,
  InstanceRecord,
  InvocationBatch,
  InvocationRecord,
  LogRecord,
  MinuteCount,
} from './traffic-records';

export * from './control-records';
export type * from './traffic-records';

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
export interface PageQuery {
  /** 1-1000, default 50. */
  readonly limit?: number;
  /** `next` of the page before. @throws PlatformError invalid_argument when it is not one of ours */
  readonly cursor?: string | null;
}

/** Writes of the hot path, in batches; called by gateways (invocations), agents (logs, instances, events) and both (what is held). */
export interface RecordSink {
  /**
   * Each block, and each row, together with what it adds to the counts of minutes and to the traffic map: a repeat after a
   * failure, whole or in part, writes and counts what is missing only (the ids of blocks and of rows are unique).
   */
  writeInvocations(batch: InvocationBatch): Promise<void>;
  writeLogs(batch: readonly LogRecord[]): Promise<void>;
  writeEvents(batch: readonly Omit<EventRecord, 'id'>[]): Promise<void>;
  /** The last row of an id wins, but an instance that has ended stays ended. */
  upsertInstances(batch: readonly InstanceRecord[]): Promise<void>;
  /** What was kept warm: a batch is counted once, however often it is repeated. */
  writeHeld(batch: HeldBatch): Promise<void>;
  /** What was seen of memory in an hour, in all until now: the last row of a revision, hour and agent wins. */
  writeMemoryHours(batch: readonly MemoryHour[]): Promise<void>;
}

/** Days for which records are kept. */
export interface RetentionDays {
  readonly invocations: number;
  readonly logs: number;
  readonly events: number;
  readonly audit: number;
  readonly forecasts: number;
  readonly decisions: number;
  readonly ledger: number;
}

/** What the gateway routes by: every alias of every function with its revisions. Kept in memory, refreshed on `changed`. */
export interface RouteSnapshot {
  readonly functions: readonly {
    readonly functionId: string;
    readonly tenant: string;
    readonly name: string;
    readonly aliases: readonly AliasRecord[];
    readonly revisions: readonly RevisionRecord[];
    /** Null: it may run on any ready node. */
    readonly placement: PlacementRecord | null;
  }[];
}

export interface Store
  extends
    RecordSink,
    IdentityStore,
    AuditStore,
    AuthorityStore,
    LimitStore,
    HistoryStore,
    HeldStore,
    ForecastStore,
    WarmingStore,
    PolicyStore,
    DeclaredPolicyStore,
    BudgetStore,
    TrafficMapStore,
    OverviewStore,
    PlacementDecisionStore,
    AdviceStore,
    NodeStore,
    PlacementStore,
    CostStore {
  migrate(): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;

  ensureTenant(name: string): Promise<TenantRecord>;
  tenants(): Promise<readonly TenantRecord[]>;

  /**
   * Makes the function when new and a revision when its digest is new; an equal digest gives the old revision back.
   * @throws PlatformError not_found when the tenant is unknown
   */
  createRevision(input: {
    tenant: string;
    manifest: Manifest;
    digest: string;
    codeDigest: string;
    codeKind: RunSpec['codeKind'];
  }): Promise<{ function: FunctionRecord; revision: RevisionRecord; created: boolean }>;
  setRevisionState(revisionId: string, state: RevisionState, error?: string | null): Promise<void>;
  functions(tenant: string, page?: PageQuery): Promise<Page<FunctionRecord>>;
  findFunction(tenant: string, name: string): Promise<FunctionRecord | null>;
  /** The name becomes free at once; its rows stay for the records until retention takes them. */
  deleteFunction(tenant: string, name: string): Promise<boolean>;
  revisions(functionId: string): Promise<readonly RevisionRecord[]>;
  findRevision(functionId: string, number: number): Promise<RevisionRecord | null>;
  /** Of these functions, by name. */
  aliases(...functionIds: readonly string[]): Promise<readonly AliasRecord[]>;
  /**
   * Compare-and-set on `generation` when `ifGeneration` is given; 0 means that the alias must not exist yet.
   * @throws PlatformError precondition_failed; invalid_argument for weights that do not sum to 100; not_found for an unknown revision
   */
  setAlias(
    functionId: string,
    name: string,
    weights: AliasRecord['weights'],
    ifGeneration?: number,
  ): Promise<AliasRecord>;
  deleteAlias(functionId: string, name: string): Promise<boolean>;
  /** Live functions, with the revisions that their aliases point at. */
  routes(): Promise<RouteSnapshot>;

  createDeployment(input: {
    id: string;
    tenant: string;
    function: string;
    revision: number;
    workflowId: string;
  }): Promise<DeploymentRecord>;
  /** The end states set `endedAt`. @throws PlatformError not_found */
  updateDeployment(
    id: string,
    change: { state?: DeploymentState; step?: string; error?: string | null },
  ): Promise<void>;
  findDeployment(tenant: string, id: string): Promise<DeploymentRecord | null>;
  /** Newest first. */
  deployments(
    query: {
      tenant: string;
      function?: string | undefined;
      revision?: number;
      state?: DeploymentState | undefined;
    } & PageQuery,
  ): Promise<Page<DeploymentRecord>>;

  createCheckpoint(input: {
    id: string;
    tenant: string;
    function: string;
    revisionId: string;
    revision: number;
    node: string;
    hostKey: string;
  }): Promise<CheckpointRecord>;
  updateCheckpoint(
    id: string,
    change: {
      state?: CheckpointState;
      rawBytes?: number;
      sealedBytes?: number;
      digest?: string | null;
      pauseMs?: number;
      failures?: number;
      reason?: string | null;
      hostKey?: string;
      node?: string;
    },
  ): Promise<void>;
  checkpoints(query: {
    tenant?: string;
    function?: string;
    revisionId?: string;
    node?: string;
    states?: readonly CheckpointState[];
  }): Promise<readonly CheckpointRecord[]>;

  /** Newest first. `error` means: status 500 or above, or an error code of the platform. */
  invocations(
    query: { tenant: string; function?: string; status?: 'ok' | 'error'; kind?: StartKind } & PageQuery,
  ): Promise<Page<InvocationRecord>>;
  /** The newest try of an asynchronous one. */
  findInvocation(tenant: string, id: string): Promise<InvocationRecord | null>;
  /**
   * Oldest first, or newest first when asked. `after` is the id of the last row a reader has seen: ids sort in the order
   * in which rows become visible to readers, so that one who asks for what is after the last id misses nothing.
   */
  logs(
    query: {
      tenant: string;
      function?: string;
      invocationId?: string;
      since?: Date;
      after?: string;
      newestFirst?: boolean;
    } & PageQuery,
  ): Promise<Page<LogRecord & { readonly id: string }>>;
  /** As `logs`. Tenant null: the events of all tenants and of the platform. */
  events(
    query: { tenant: string | null; types?: readonly string[]; after?: string; newestFirst?: boolean } & PageQuery,
  ): Promise<Page<EventRecord>>;
  /** The newest 1,000. `live` true: not ended; false: ended; absent: both. */
  instances(query: {
    tenant?: string;
    function?: string;
    node?: string;
    live?: boolean;
  }): Promise<readonly InstanceRecord[]>;
  /** `from` inclusive, `to` exclusive; by function, then minute. Minutes without invocations have no row. */
  minuteCounts(query: { functionId?: string; tenant?: string; from: Date; to: Date }): Promise<readonly MinuteCount[]>;

  /**
   * Tells of changes made by any process: `routes` (any deploy, alias, delete; payload `tenant/function`), `events`
   * (payload: the tenant, `*` for the platform's own), `logs` (payload `tenant/function`), `limits` (payload: the tenant),
   * `nodes` (payload: the name), `budgets` (payload: the tenant; what gateways act by has changed). Never rejects: it reconnects by itself, and after a gap calls every topic once with an empty payload, which means that anything may have changed.
   * Returns the unsubscribe.
   */
  subscribe(
    topic: 'routes' | 'events' | 'logs' | 'limits' | 'nodes' | 'budgets',
    listener: (payload: string) => void,
  ): Promise<() => Promise<void>>;
  /** Makes the partitions of the coming days, drops those past retention and forgets deleted functions. Called daily and at start. */
  maintainPartitions(now: Date, retentionDays: RetentionDays): Promise<void>;
}
