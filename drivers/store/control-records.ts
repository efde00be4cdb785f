import type { CheckpointState } from '../../core/control/checkpoint-state';
import type { AliasWeight } from '../../core/function/alias-weights';
import type { Manifest } from '../../core/function/manifest';
import type { RunSpec } from '../../core/function/run-spec';

export interface TenantRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
}
export interface FunctionRecord {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly createdAt: Date;
  readonly generation: number;
}

export const REVISION_STATES = ['pending', 'ready', 'failed', 'retired'] as const;
export type RevisionState = (typeof REVISION_STATES)[number];
/** Immutable but for `state` and `error`. `digest` covers code and configuration. */
export interface RevisionRecord {
  readonly id: string;
  readonly functionId: string;
  readonly tenant: string;
  readonly function: string;
  readonly number: number;
  readonly digest: string;
  readonly manifest: Manifest;
  readonly codeDigest: string;
  readonly codeKind: RunSpec['codeKind'];
  readonly state: RevisionState;
  readonly error: string | null;
  readonly createdAt: Date;
}
/** A name that points at revisions; weights are integers that sum to 100. */
export interface AliasRecord {
  readonly functionId: string;
  readonly name: string;
  readonly weights: readonly AliasWeight[];
  readonly generation: number;
  readonly updatedAt: Date;
}

export const DEPLOYMENT_STATES = ['running', 'succeeded', 'failed'] as const;
export type DeploymentState = (typeof DEPLOYMENT_STATES)[number];
export interface DeploymentRecord {
  readonly id: string;
  readonly tenant: string;
  readonly function: string;
  readonly revision: number;
  readonly state: DeploymentState;
  readonly step: string;
  readonly error: string | null;
  readonly workflowId: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

export interface CheckpointRecord {
  readonly id: string;
  readonly tenant: string;
  readonly function: string;
  readonly revisionId: string;
  readonly revision: number;
  readonly node: string;
  readonly hostKey: string;
  readonly state: CheckpointState;
  readonly rawBytes: number;
  readonly sealedBytes: number;
  readonly digest: string | null;
  readonly pauseMs: number | null;
  readonly failures: number;
  readonly reason: string | null;
  readonly createdAt: Date;
}
