import type { ColumnType, Generated, Kysely } from 'kysely';
import type { TenantLimits } from '../../../core/admission/limits';
import type { MigrationReason, MigrationState } from '../../../core/control/migration-state';
import type { Manifest } from '../../../core/function/manifest';
import type { RunSpec } from '../../../core/function/run-spec';
import type { StartCause, StartKind } from '../../../core/start/start';
import type { AuditOutcome } from '../audit-store';
import type { MigrationPhase, PlacedNode } from '../placement-store';
import type { AsyncTables } from '../../async-queue/postgres/async-tables';
import type { BudgetTables } from './budget-tables';
import type { AdviceTables } from './advice-tables';
import type { CostTables } from './cost-tables';
import type { ForecastTables } from './forecast-tables';
import type { NodeTables } from './node-tables';
import type { PlacementTables } from './placement-tables';
import type { WarmingTables } from './warming-tables';
import type { AliasRecord, CheckpointRecord, DeploymentState, LogRecord, RevisionState } from '../store';

/** A jsonb column: read as a value, written as JSON text. */
type Json<T> = ColumnType<T, string, string>;
type JsonWithDefault<T> = ColumnType<T, string | undefined, string>;
/** A time that the database gives a row, and nobody changes. */
type CreatedAt = ColumnType<Date, Date | undefined, never>;

/** The tables, with columns in camelCase; `CamelCasePlugin` gives the database its snake_case names. */
export interface DatabaseSchema
  extends
    AdviceTables,
    AsyncTables,
    BudgetTables,
    CostTables,
    ForecastTables,
    NodeTables,
    PlacementTables,
    WarmingTables {
  tenants: { name: string; id: Generated<string>; createdAt: CreatedAt };
  apiKeys: {
    id: Generated<string>;
    tenant: string;
    name: string;
    prefix: string;
    hash: string;
    scopes: readonly string[];
    createdAt: CreatedAt;
    revokedAt: Date | null;
    expiresAt: Date | null;
    lastUsedAt: ColumnType<Date | null, never, Date>;
    rotatedAt: ColumnType<Date | null, never, Date>;
    previousHash: ColumnType<string | null, never, string | null>;
    previousUntil: ColumnType<Date | null, never, Date | null>;
  };
  codeUploads: { tenant: string; digest: string; uploadedAt: CreatedAt };
  authority: { one: Generated<boolean>; sealed: Buffer };
  dataKeys: { tenant: string; version: number; wrapped: Buffer; masterId: string; createdAt: CreatedAt };
  limits: { tenant: string; keyId: string; limits: Json<TenantLimits>; updatedAt: Generated<Date> };
  placements: {
    functionId: string;
    generation: Generated<number>;
    nodes: Json<readonly PlacedNode[]>;
    fence: string | null;
    updatedAt: Generated<Date>;
  };
  migrations: {
    id: string;
    tenant: string;
    function: string;
    from: string | null;
    to: string;
    reason: MigrationReason;
    state: Generated<MigrationState>;
    phases: JsonWithDefault<readonly MigrationPhase[]>;
    error: string | null;
    workflowId: string;
    createdAt: CreatedAt;
    endedAt: Date | null;
  };
  secrets: { tenant: string; name: string; sealed: Buffer; updatedAt: Generated<Date> };
  functions: {
    id: Generated<string>;
    tenant: string;
    name: string;
    labels: Json<Record<string, string>>;
    generation: Generated<number>;
    createdAt: CreatedAt;
    deletedAt: Date | null;
  };
  revisions: {
    id: Generated<string>;
    functionId: string;
    number: number;
    digest: string;
    manifest: Json<Manifest>;
    codeDigest: string;
    codeKind: RunSpec['codeKind'];
    state: Generated<RevisionState>;
    error: string | null;
    createdAt: CreatedAt;
  };
  aliases: {
    functionId: string;
    name: string;
    weights: Json<AliasRecord['weights']>;
    generation: Generated<number>;
    updatedAt: Generated<Date>;
  };
  deployments: {
    id: string;
    tenant: string;
    function: string;
    revision: number;
    state: Generated<DeploymentState>;
    step: Generated<string>;
    error: string | null;
    workflowId: string;
    createdAt: CreatedAt;
    endedAt: Date | null;
  };
  checkpoints: {
    id: string;
    tenant: string;
    function: string;
    revisionId: string;
    revision: number;
    node: string;
    hostKey: string;
    state: Generated<CheckpointRecord['state']>;
    rawBytes: Generated<number>;
    sealedBytes: Generated<number>;
    digest: string | null;
    pauseMs: number | null;
    failures: Generated<number>;
    reason: string | null;
    createdAt: CreatedAt;
  };
  instances: {
    id: string;
    tenant: string;
    function: string;
    revision: number;
    node: string;
    state: string;
    kind: StartKind;
    startedAt: Date;
    endedAt: Date | null;
    reason: string | null;
  };
  invocations: {
    id: string;
    at: Date;
    tenant: string;
    functionId: string;
    function: string;
    revision: number | null;
    node: string | null;
    instanceId: string | null;
    method: string;
    path: string;
    status: number;
    errorCode: string | null;
    kind: StartKind | null;
    cause: StartCause | null;
    queueMs: number;
    startMs: number;
    executeMs: number;
    totalMs: number;
    firstByteMs: number | null;
    phases: JsonWithDefault<Record<string, number>>;
    cpuMicros: number | null;
    memoryByteMs: number;
    bytesIn: number;
    bytesOut: number;
    traceId: string | null;
    attempt: number | null;
    userRegion: string | null;
    callerId: string | null;
    caller: string | null;
    pricing: string | null;
  };
  invocationBlocks: {
    id: string;
    at: Date;
    firstAt: Date;
    firstEnd: Date;
    lastEnd: Date;
    tenant: string;
    functionId: string;
    function: string;
    calls: number;
    times: Buffer;
    details: Buffer;
  };
  logs: {
    id: Generated<number>;
    at: Date;
    tenant: string;
    function: string;
    revision: number;
    node: string;
    instanceId: string;
    invocationId: string | null;
    stream: LogRecord['stream'];
    text: string;
  };
  events: {
    id: Generated<number>;
    at: Date;
    tenant: string | null;
    type: string;
    function: string | null;
    node: string | null;
    data: JsonWithDefault<Record<string, unknown>>;
  };
  audit: {
    id: Generated<number>;
    at: Date;
    tenant: string | null;
    principal: string | null;
    action: string;
    resource: string;
    before: string | null;
    after: string | null;
    requestId: string;
    address: string;
    outcome: AuditOutcome;
    status: number;
  };
  importedDays: {
    functionId: string;
    day: Date;
    tenant: string;
    source: string;
    counts: readonly (number | null)[];
    importedAt: CreatedAt;
  };
  functionMinutes: {
    functionId: string;
    minute: Date;
    tenant: string;
    total: number;
    errors: number;
    executeMs: number;
    cpuMicros: Generated<number>;
    hot: number;
    warm: number;
    restore: number;
    cold: number;
    byCause: JsonWithDefault<Record<string, number>>;
  };
  storageHours: {
    functionId: string;
    hour: Date;
    pricing: string;
    tenant: string;
    function: string;
    byteMs: string;
    costStorage: string;
  };
}

export type Database = Kysely<DatabaseSchema>;
