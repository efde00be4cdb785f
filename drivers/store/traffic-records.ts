import type { StartKind } from '../../core/start/start';

export type { InvocationBatch } from '../../core/record/invocation-batch';
export type { InvocationRecord } from '../../core/record/invocation-record';

export interface LogRecord {
  readonly at: Date;
  readonly tenant: string;
  readonly function: string;
  readonly revision: number;
  readonly node: string;
  readonly instanceId: string;
  readonly invocationId: string | null;
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly text: string;
}
/** Something that happened, for people and programs: `type` is dotted, e.g. `instance.started`. */
export interface EventRecord {
  readonly id: string;
  readonly at: Date;
  readonly tenant: string | null;
  readonly type: string;
  readonly function: string | null;
  readonly node: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}
export interface MinuteCount {
  readonly functionId: string;
  readonly minute: Date;
  readonly total: number;
  readonly errors: number;
  readonly executeMs: number;
  readonly byKind: Readonly<Record<StartKind, number>>;
  readonly byCause: Readonly<Record<string, number>>;
}
export interface InstanceRecord {
  readonly id: string;
  readonly tenant: string;
  readonly function: string;
  readonly revision: number;
  readonly node: string;
  readonly state: string;
  readonly kind: StartKind;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly reason: string | null;
}
