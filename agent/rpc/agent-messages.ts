import type { StartCause, StartKind, StartPhases } from '../../core/start/start';
import type { InstanceWay } from './instance-way';
import type { WireAcquired } from './wire-form';

/**
 * The messages of agent.proto as TypeScript sees them: camelCase, 64-bit numbers as numbers, defaults filled in.
 * Where the wire's form is awkward (endpoints, empty strings for "none") these are the comfortable forms; wire-form.ts
 * converts. A run spec travels as JSON text, so that callers make it once per revision.
 */
export interface AcquireRequest {
  readonly runSpecJson: string;
  /** From now, in milliseconds; past it the call fails with `capacity` or `start_timeout`. */
  readonly deadlineMs: number;
  readonly invocationId: string;
  /** One that the gateway has parked, and no other; the run spec is empty then. Empty for any. */
  readonly instanceId?: string;
  /** The span of that invocation, where its trace is kept. */
  readonly traceparent?: string;
}
export interface AcquireReply extends StartPhases {
  readonly instanceId: string;
  /** How the gateway that asked reaches it. */
  readonly endpoint: InstanceWay;
  readonly kind: StartKind;
  /** null for hot. */
  readonly cause: StartCause | null;
  /** How long the gateway keeps an idle lease before it gives it back, in milliseconds. */
  readonly lingerMs: number;
  /** Of a restore. */
  readonly checkpointId: string | null;
  /** An idle lease is better parked than given back: the node can freeze it. */
  readonly mayPark: boolean;
  /** Of a cold start: a runtime that had been booted ahead became it. */
  readonly blank: boolean;
}

export interface ReleaseMessage {
  readonly instanceId: string;
  /** How long the lease was idle before it was given back. */
  readonly idleMs: number;
  /** Requests answered during the lease. */
  readonly served: number;
  /** Given back on condition that nobody else gets it before Withdrawn. */
  readonly parked: boolean;
}
export interface HelloMessage {
  readonly gatewayId: string;
  /** Where the gateway runs; see machine.ts. */
  readonly machine: string;
  /** Leases in use, and those that are parked. */
  readonly instanceIds: readonly string[];
  readonly parkedIds: readonly string[];
}
/** Exactly one of the members is set. */
export interface GatewayMessage {
  readonly hello?: HelloMessage | null;
  readonly release?: ReleaseMessage | null;
  readonly withdrawn?: { readonly instanceId: string } | null;
  readonly fault?: { readonly instanceId: string; readonly reason: string } | null;
  readonly acquire?: (AcquireRequest & { readonly call: number }) | null;
  readonly callOff?: { readonly call: number } | null;
}

export interface WelcomeMessage {
  readonly node: string;
  readonly tier: string;
  /** Leases named in the Hello that the agent does not know: they are dead. */
  readonly unknownInstanceIds: readonly string[];
  /** Starts that it makes at once. */
  readonly parallelStarts: number;
  /** CPU cores that its instances share. */
  readonly cores: number;
}
export interface InstanceNotice {
  readonly instanceId: string;
  readonly reason: string;
}
export interface GoneMessage extends InstanceNotice {
  /** It was parked and has not run since: nothing that was sent to it was read. */
  readonly asleep: boolean;
}
export interface CheckpointDueMessage {
  readonly tenant: string;
  readonly function: string;
  readonly revision: number;
  readonly instanceId: string;
  /** The span of the invocation that asked for the instance, where its trace is kept; else empty or absent. */
  readonly traceparent?: string;
}
/** Exactly one of the members is set. */
export interface AgentMessage {
  readonly welcome?: WelcomeMessage | null;
  readonly withdraw?: InstanceNotice | null;
  readonly gone?: GoneMessage | null;
  readonly asleep?: { readonly instanceId: string } | null;
  readonly checkpointDue?: CheckpointDueMessage | null;
  readonly acquired?: WireAcquired | null;
  readonly refused?: { readonly call: number; readonly failureJson: string } | null;
}

/** To be ready from so many milliseconds after the message on. */
export interface TargetStep {
  readonly afterMs: number;
  /** Leased ones included. */
  readonly running: number;
  readonly frozen: number;
}
export interface Target {
  readonly revisionId: string;
  readonly runSpecJson: string;
  /** Rising; the clocks of two machines need not agree. */
  readonly steps: readonly TargetStep[];
  /** By place; empty: the manifest's. */
  readonly keepAliveMs: readonly number[];
  /** Arrivals per second that the policy expects; 0 when it has no opinion. */
  readonly expectedRate: number;
  /** Uses a second that are expected of each instance, by place; empty: `expectedRate` of each. */
  readonly uses: readonly number[];
}
export interface SetTargetsRequest {
  readonly targets: readonly Target[];
  readonly decisionId: string;
  /** How long the targets hold; past it the manifest's own numbers count again. */
  readonly validMs: number;
  /** The functions move to this node: starts until then have that for a cause. */
  readonly migration?: boolean;
}
export interface SetTargetsReply {
  readonly accepted: number;
  /** Revision ids that the node's memory capped. */
  readonly capped: readonly string[];
}

export interface StartTemplateRequest {
  readonly key: string;
  readonly runSpecJson: string;
  readonly warmUp: boolean;
  readonly deadlineMs: number;
}
export interface StartTemplateReply {
  readonly instanceId: string;
  readonly startMs: number;
  readonly warmUpRequests: number;
  /** HTTP status of the health path; 0 when the manifest names none. */
  readonly healthStatus: number;
}
export interface CheckpointRequest {
  readonly checkpointId: string;
  readonly instanceId: string;
  readonly runSpecJson: string;
}
export interface CheckpointReply {
  readonly pauseMs: number;
  readonly rawBytes: number;
  readonly hostKey: string;
}
export interface CheckpointRef {
  readonly checkpointId: string;
  readonly runSpecJson: string;
  /** Empty before Seal. */
  readonly digest: string;
}
export interface DropCheckpointRequest {
  readonly checkpointId: string;
  /** No other node uses it either: what it has left elsewhere, in a registry say, goes as well. Else this node alone forgets it. */
  readonly everywhere: boolean;
}
export interface SealReply {
  readonly digest: string;
  readonly sealedBytes: number;
}
export interface VerifyReply {
  readonly restoreMs: number;
}
export interface PublishRequest extends CheckpointRef {
  readonly hostKey: string;
}
export interface ReleaseTemplateRequest {
  /** Empty where a key is given. */
  readonly instanceId: string;
  /** Ends what was started under it, or is starting; nothing is started under it any more. */
  readonly key?: string;
  /** true: it joins the pool; false: it ends. */
  readonly keep: boolean;
}
export interface RetireRequest {
  readonly revisionId: string;
  readonly reason: string;
  readonly deadlineMs: number;
}
/** `left` are still in flight; they end as soon as they are not. */
export interface EndedReply {
  readonly ended: number;
  readonly left: number;
}
export interface DrainRequest {
  readonly deadlineMs: number;
}

/** Of an agent that joined by a token: a request for its next certificate, and from when to when the present one is good. */
export interface CertificateReply {
  readonly requestPem: string;
  /** Unix milliseconds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface InstanceStats {
  readonly instanceId: string;
  readonly revisionId: string;
  readonly tenant: string;
  readonly function: string;
  readonly revision: number;
  readonly state: string;
  readonly kind: string;
  readonly ageMs: number;
  readonly memoryBytes: number;
  readonly cpuMicros: number;
  readonly pid: number;
}
export interface CheckpointStats {
  readonly checkpointId: string;
  readonly revisionId: string;
  readonly rawLoaded: boolean;
  readonly rawBytes: number;
  readonly failures: number;
  readonly quarantined: boolean;
  readonly digest: string;
}
export interface StatsReply {
  readonly node: string;
  readonly tier: string;
  readonly driver: string;
  readonly memoryCapacityBytes: number;
  readonly memoryCommittedBytes: number;
  readonly instances: readonly InstanceStats[];
  readonly checkpoints: readonly CheckpointStats[];
  readonly starting: number;
  readonly waiting: number;
  readonly startsTotal: Readonly<Record<string, number>>;
  readonly failuresTotal: Readonly<Record<string, number>>;
  readonly draining: boolean;
  /** Runtimes that wait without code; their memory is part of what is committed. */
  readonly blanks: number;
  /** By runtime: what a checkpoint must match to be restorable here; empty where this node makes none. */
  readonly hostKeys: Readonly<Record<string, string>>;
  /** Memory that was promised to instances at rest × the time, by rung: running, frozen. */
  readonly heldGbSeconds: Readonly<Record<string, number>>;
  /** Of instances that were held frozen for long, by outcome: ok, failed. */
  readonly pingsTotal: Readonly<Record<string, number>>;
  /** Its clock, Unix milliseconds; 0 of an agent that does not say. */
  readonly nowMs: number;
  /** Of its build. */
  readonly version: string;
  /** Where its state is kept; both 0: unknown. */
  readonly diskFreeBytes: number;
  readonly diskTotalBytes: number;
}
