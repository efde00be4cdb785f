import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import type { Registry } from 'prom-client';
import type { RemovalReason } from '../../core/agent/instance-state';
import type {
  AdviseCostsInput,
  ApplyAdviceInput,
  CheckpointLifecycleInput,
  DeployFunctionInput,
  DrainNodeInput,
  JudgePoliciesInput,
  KeepLedgerInput,
  OptimizePlacementInput,
  MigrateFunctionInput,
  RetrainModelsInput,
} from '../../core/control/workflow-inputs';
import type { Installation } from '../../core/doctor/installation';
import type { PriceTable } from '../../core/cost/price-table';
import type { WarmingPrices } from '../../core/warming/prices';
import type { RunSpec } from '../../core/function/run-spec';
import type { AsyncQueue } from '../../drivers/async-queue/async-queue';
import type { Authority } from '../../drivers/certificates/authority';
import type { ClusterNode } from '../../drivers/cluster/cluster';
import type { ImageStore } from '../../drivers/image-store/image-store';
import type { SecretVault } from '../../drivers/secrets/secret-vault';
import type { Store } from '../../drivers/store/store';
import type { Tracer } from '../../drivers/tracing/tracer';
import type { IssuerSettings } from '../auth/oidc/issuer-settings';
import type { BodyKeeper } from '../async/body-keeper';
import type { WebhookDoor } from '../async/webhook-door';

/** What a key may do. `admin` holds the others. */
export const SCOPES = ['admin', 'deploy', 'read', 'invoke'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who asks. */
export interface Principal {
  /** Id of the API key, or `issuer#subject` of a token. */
  readonly keyId: string;
  readonly credential: 'key' | 'token';
  readonly tenant: string;
  readonly scopes: readonly string[];
}

export interface Authenticator {
  /** By an API key or a token of a configured issuer. @throws PlatformError unauthenticated */
  authenticate(headers: IncomingHttpHeaders): Promise<Principal>;
}

/** A judgement under way, or its end. */
export interface JudgedCase {
  readonly state: 'running' | 'done' | 'failed';
  readonly error: string | null;
  /** Of one that is done. */
  readonly result: unknown;
}

/** Which workflows are listed. */
export interface WorkflowFilter {
  readonly limit: number;
  /** Only those. */
  readonly running?: boolean | undefined;
  readonly type?: string | undefined;
  /** Of its id. */
  readonly prefix?: string | undefined;
}

/** A run of a workflow; `failed` has any end but a good one. */
export interface ListedWorkflow {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly state: JudgedCase['state'];
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

export interface ListedSchedule {
  readonly scheduleId: string;
  /** Of the workflow that it starts. */
  readonly type: string | null;
  readonly note: string | null;
  readonly paused: boolean;
  readonly lastAt: Date | null;
  readonly nextAt: Date | null;
}

/** Starts the durable workflows. A start under an id that runs already gives that run. @throws PlatformError unavailable */
export interface WorkflowStarter {
  /** The same; what it starts goes on from that span. @param traceparent undefined: from none */
  within(traceparent: string | undefined): WorkflowStarter;
  startDeploy(input: DeployFunctionInput & { function: string; revision: number; deploymentId: string }): Promise<void>;
  startCheckpoint(
    input: Exclude<CheckpointLifecycleInput, { retention: true }> & { revision: number },
  ): Promise<{ readonly workflowId: string }>;
  startRetrain(input: RetrainModelsInput & { tenant: string }): Promise<{ readonly workflowId: string }>;
  startPlan(workflowId: string, input: OptimizePlacementInput): Promise<void>;
  startDrain(input: DrainNodeInput): Promise<{ readonly workflowId: string }>;
  startJudge(workflowId: string, input: JudgePoliciesInput & { tenant: string }): Promise<void>;
  startAdvise(workflowId: string, input: AdviseCostsInput): Promise<void>;
  startApplyAdvice(workflowId: string, input: ApplyAdviceInput): Promise<void>;
  /** False when no such workflow runs. */
  signalAdvice(workflowId: string, signal: 'keep' | 'revert', reason: string): Promise<boolean>;
  startLedgerCheck(workflowId: string, input: KeepLedgerInput & { check: true }): Promise<void>;
  /** What became of it; null when there is none. */
  judged(workflowId: string): Promise<JudgedCase | null>;
  /** @throws PlatformError conflict when one of that id runs */
  startMigration(
    workflowId: string,
    input: MigrateFunctionInput & { tenant: string; migrationId: string },
  ): Promise<void>;
  /** False when no such workflow runs. @param reason of an abort */
  signalMigration(workflowId: string, signal: 'approve' | 'abort', reason?: string): Promise<boolean>;
  /** Has the budgets of a tenant decided about now. */
  startEnforce(tenant: string): Promise<void>;
  /** The newest first. */
  list(filter: WorkflowFilter): Promise<readonly ListedWorkflow[]>;
  /** By name. */
  schedules(): Promise<readonly ListedSchedule[]>;
  /** Is the server there? @throws PlatformError unavailable */
  ping(): Promise<void>;
}

export interface AgentStats {
  readonly driver: string;
  readonly memoryCapacityBytes: number;
  readonly memoryCommittedBytes: number;
  readonly starting: number;
  readonly waiting: number;
  readonly draining: boolean;
  readonly instances: readonly { readonly tenant: string; readonly state: string; readonly memoryBytes: number }[];
  readonly checkpoints: readonly {
    readonly rawBytes: number;
    readonly rawLoaded: boolean;
    readonly quarantined: boolean;
  }[];
  /** Since the agent began: instances given to gateways by start kind, and failures by code. */
  readonly startsTotal: Readonly<Record<string, number>>;
  readonly failuresTotal: Readonly<Record<string, number>>;
  /** By rung, and by outcome. */
  readonly heldGbSeconds: Readonly<Record<string, number>>;
  readonly pingsTotal: Readonly<Record<string, number>>;
}

/** What the control API asks of a node's agent. */
export interface AgentPort {
  stats(): Promise<AgentStats>;
  retire(request: {
    revisionId: string;
    reason: RemovalReason;
    deadlineMs: number;
  }): Promise<{ ended: number; left: number }>;
}

export interface ApiNode extends Pick<ClusterNode, 'name' | 'tier' | 'region' | 'labels' | 'state'> {
  readonly agent: AgentPort;
}

/** What the control API asks of the part that takes invocations in which nobody waits for. */
export interface AsyncPort {
  readonly queue: Pick<AsyncQueue, 'find' | 'list' | 'result' | 'cancel' | 'redrive'>;
  readonly bodies: Pick<BodyKeeper, 'open'>;
  readonly webhooks: Pick<WebhookDoor, 'accept' | 'pathOf'>;
}

/** Everything the control API works with; made by the composition root, or of fakes by a test. */
export interface ApiContext {
  readonly store: Store;
  readonly images: ImageStore;
  readonly workflows: WorkflowStarter;
  /** The namespace in Temporal's UI, without a slash at its end; null: none is known. */
  readonly temporalUi: string | null;
  readonly async: AsyncPort;
  readonly nodes: () => readonly ApiNode[];
  readonly auth: Authenticator;
  /** Reads an uploaded archive to its end and says what it is. @throws PlatformError invalid_archive, payload_too_large */
  readonly validateArchive: (archive: Readable) => Promise<{ readonly kind: RunSpec['codeKind'] }>;
  /** Has this gateway a table to route invocations by? */
  readonly routesReady: () => boolean;
  /** True once a stop has begun: /readyz fails first. */
  readonly draining: () => boolean;
  /** Bytes; `gateway.maxCode` of the configuration. */
  readonly maxCodeBytes: number;
  /** The warming policy that decides as long as nobody has chosen another. */
  readonly warmingPolicy: string;
  readonly warmingPrices: WarmingPrices;
  /** What everything costs. */
  readonly prices: PriceTable;
  readonly vault: SecretVault;
  /** Looks at the whole installation, for `presage doctor`. */
  readonly installation: () => Promise<Omit<Installation, 'scrapedAt'>>;
  /** Signs for nodes that join; made when it is first asked for. */
  readonly authority: () => Promise<Authority>;
  /** Names the master key with which this platform seals. */
  readonly masterKeyId: string;
  /** Metrics of this process; the API adds its own and serves all at /metrics. */
  readonly metrics: Registry;
  /** What /metrics says instead, where several gateways share the port. */
  readonly allMetrics?: (() => Promise<string>) | undefined;
  /** Where requests leave their spans; absent: nowhere. */
  readonly tracer?: Pick<Tracer, 'ended' | 'ratio'> | undefined;
  readonly version: { readonly version: string; readonly commit: string | null };
  /** The console, and who logs in there; absent: it is not served. */
  readonly console?: { readonly folder: string; readonly issuers: readonly IssuerSettings[] } | undefined;
  readonly now: () => Date;
  readonly log: FastifyBaseLogger;
  /** Pause between two signs of life on an event stream; default 15 000 ms. */
  readonly heartbeatMs?: number;
}
