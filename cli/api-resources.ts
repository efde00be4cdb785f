import type { ForecastAccuracy } from '../core/forecast/forecast-accuracy';
import type { Manifest } from '../core/function/manifest';
import type { StartCause, StartKind } from '../core/start/start';
import type { RungName } from '../core/warming/warming-policy';

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
}
export interface WarmingResource {
  readonly live: string;
  readonly challenger: string | null;
  readonly previous: string | null;
  readonly probation: number;
  readonly reverted: readonly string[];
  readonly generation: number;
  readonly verdicts: readonly {
    readonly at: string;
    readonly from: string;
    readonly to: string;
    readonly decision: string;
    readonly reason: string;
    readonly prices: readonly { readonly policy: string; readonly calls: number; readonly price: number }[];
  }[];
}
export interface PolicyReportResource {
  readonly policy: string;
  readonly calls: number;
  readonly coldShare: number;
  readonly coldShareOfFunctions: { readonly mean: number; readonly p50: number; readonly p75: number };
  readonly waitP50Ms: number;
  readonly waitP99Ms: number;
  readonly memoryGbSeconds: Readonly<Record<string, number>>;
  readonly price: { readonly holding: number; readonly waiting: number; readonly total: number };
}
export interface CourtCaseResource {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly error: string | null;
  readonly result: {
    readonly from: string;
    readonly to: string;
    readonly policies: readonly PolicyReportResource[];
  } | null;
}
export interface StartExplanationResource {
  readonly waitedMs: number;
  /** Micro-dollars, as all prices here. */
  readonly price: number;
  readonly busy: number;
  readonly restedSeconds: number | null;
  readonly rungs: readonly { readonly rung: RungName; readonly delayMs: number; readonly price: number }[];
  readonly policies: readonly { readonly policy: string; readonly rung: RungName; readonly price: number }[];
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
export interface WarmthDecisionResource {
  readonly at: string;
  readonly policy: string;
  readonly reason: string;
  readonly ready: number;
  readonly steps: readonly { readonly after: number; readonly running: number; readonly frozen: number }[];
  readonly keepAlive: readonly number[];
  readonly pool: number;
  readonly floor: number;
  readonly forecastMean: number | null;
  readonly granted: Readonly<Record<string, number>>;
}
export interface WarmthResource extends WarmthDecisionResource {
  readonly function: string;
  readonly history: { readonly items: readonly WarmthDecisionResource[] };
}
