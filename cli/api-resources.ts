import type { ForecastAccuracy } from '../core/forecast/forecast-accuracy';
import type { Manifest } from '../core/function/manifest';
import type { StartCause, StartKind } from '../core/start/start';

/** What the commands read of the API's answers; times are RFC 3339 text. */

export interface FunctionResource {
  readonly tenant: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly generation: number;
  readonly createdAt: string;
  /** Where it is called, below the address of the gateway. */
  readonly path: string;
}
export interface FunctionDetail extends FunctionResource {
  readonly aliases: readonly AliasResource[];
  readonly latest: RevisionResource | null;
}
export interface AliasResource {
  readonly name: string;
  readonly weights: readonly { readonly revision: number; readonly weight: number }[];
  readonly generation: number;
  readonly updatedAt: string;
}
export interface RevisionResource {
  readonly number: number;
  readonly digest: string;
  readonly codeDigest: string;
  readonly state: string;
  readonly error: string | null;
  readonly createdAt: string;
  readonly manifest: Manifest;
}
export interface DeploymentResource {
  readonly id: string;
  readonly function: string;
  readonly revision: number;
  readonly state: 'running' | 'succeeded' | 'failed';
  readonly step: string;
  readonly error: string | null;
  readonly workflowId: string;
  readonly createdAt: string;
  readonly endedAt: string | null;
}
export interface EventResource {
  readonly id: string;
  readonly at: string;
  readonly tenant: string | null;
  readonly type: string;
  readonly function: string | null;
  readonly node: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}
export interface DeployAnswer {
  readonly function: string;
  readonly revision: number | null;
  readonly digest: string | null;
  readonly created: boolean;
  readonly dryRun: boolean;
  readonly deployment: DeploymentResource | null;
}
export interface CodeResource {
  readonly digest: string;
  readonly bytes: number;
  readonly kind: 'layer' | 'oci';
}
export interface MigrationResource {
  readonly id: string;
  readonly function: string;
  readonly from: string | null;
  readonly to: string;
  readonly reason: string;
  readonly state: 'running' | 'completed' | 'rolled-back' | 'refused';
  readonly phases: readonly {
    readonly step: string;
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly note: string | null;
  }[];
  readonly error: string | null;
  readonly workflowId: string;
  readonly createdAt: string;
  readonly endedAt: string | null;
}
export interface PlacementResource {
  readonly function: string;
  readonly generation: number;
  readonly nodes: readonly { readonly node: string; readonly weight: number | null; readonly instances: number }[];
  readonly changedBy: string | null;
  readonly updatedAt: string | null;
}
export interface CheckpointResource {
  readonly id: string;
  readonly function: string;
  readonly revision: number;
  readonly node: string;
  readonly state: string;
  readonly rawBytes: number;
  readonly sealedBytes: number;
  readonly pauseMs: number | null;
  readonly createdAt: string;
}
export interface InstanceResource {
  readonly id: string;
  readonly function: string;
  readonly revision: number;
  readonly node: string;
  readonly state: string;
  readonly kind: StartKind;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly reason: string | null;
}
export interface InvocationResource {
  readonly id: string;
  readonly at: string;
  readonly function: string;
  readonly revision: number | null;
  readonly node: string | null;
  readonly instance: string | null;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly errorCode: string | null;
  readonly kind: StartKind | null;
  readonly cause: StartCause | null;
  readonly queueMs: number;
  readonly startMs: number;
  readonly executeMs: number;
  readonly totalMs: number;
  readonly firstByteMs: number | null;
  readonly phases: Readonly<Record<string, number>>;
  readonly cpuMicros: number | null;
  readonly memoryByteMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly userRegion: string | null;
  readonly caller: string | null;
}
export interface AsyncResource {
  readonly id: string;
  readonly function: string;
  readonly alias: string;
  readonly origin: string;
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string | null;
  readonly state: string;
  readonly tries: number;
  readonly acceptedAt: string;
  readonly dueAt: string;
  readonly endedAt: string | null;
  readonly forgetAt: string | null;
  readonly reason: string | null;
  readonly status: number | null;
  readonly history: readonly {
    readonly try: number;
    readonly at: string;
    readonly ms: number | null;
    readonly status: number | null;
    readonly error: string | null;
  }[];
}
export interface AsyncDetailResource extends AsyncResource {
  readonly result: { readonly status: number; readonly bytes: number; readonly location: string } | null;
}
export interface TriggerResource {
  readonly name: string;
  readonly cron: string | null;
  readonly timeZone: string | null;
  readonly nextAt: string | null;
  readonly path: string;
  readonly url: string | null;
}
export interface LogResource {
  readonly id: string;
  readonly at: string;
  readonly instance: string;
  readonly invocation: string | null;
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly text: string;
}
export interface NodeResource {
  readonly name: string;
  readonly tier: string;
  readonly region: string;
  readonly state: string;
  readonly decided: string;
  readonly reason: string | null;
  readonly address: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly capacity: { readonly memoryBytes: number; readonly cpuMillis: number; readonly slots: number } | null;
  readonly lastSeenAt: string | null;
  readonly registeredAt: string | null;
}
export interface KeyResource {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly previousUntil: string | null;
  readonly revokedAt: string | null;
}
export interface AuditResource {
  readonly at: string;
  readonly tenant: string | null;
  readonly principal: string | null;
  readonly action: string;
  readonly resource: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly requestId: string;
  readonly address: string;
  readonly outcome: 'allowed' | 'refused' | 'failed';
  readonly status: number;
}
export interface MinuteCountResource {
  readonly total: number;
  readonly errors: number;
  readonly byKind: Readonly<Record<StartKind, number>>;
}
export interface ForecastResource {
  readonly function: string;
  readonly at: string;
  readonly modelId: string | null;
  readonly spoke: string;
  readonly mean: readonly number[];
  readonly quantiles: Readonly<Record<string, readonly number[]>>;
  readonly total: { readonly mean: number };
  readonly spike: readonly number[];
  readonly members: readonly { readonly name: string; readonly weight: number }[];
  readonly features: Readonly<Record<string, number>>;
  readonly trainingWindow: { readonly from: string; readonly to: string } | null;
  readonly errorBand: { readonly expected: number; readonly limit: number } | null;
  readonly hourError: number | null;
  readonly history: { readonly from: string; readonly counts: readonly number[] };
}
export type ForecastAccuracyResource = Omit<ForecastAccuracy, 'pinball'>;
export interface ForecastModelResource {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  readonly window: { readonly from: string; readonly to: string };
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly createdAt: string;
}
export interface HistoryImportResource {
  readonly dryRun: boolean;
  readonly changedDays: number;
  readonly items: readonly {
    readonly function: string;
    readonly from: string;
    readonly to: string;
    readonly minutes: number;
    readonly total: number;
  }[];
}
export interface HistoryDayResource {
  readonly day: string;
  readonly importedMinutes: number;
  readonly imported: number;
  readonly source: string | null;
  readonly own: number;
}
