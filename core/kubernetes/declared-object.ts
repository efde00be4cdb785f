import type { Condition } from './condition';

/** The part of an object that a controller reads. */
export interface DeclaredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly generation: number;
    readonly resourceVersion: string;
    /** RFC 3339. */
    readonly creationTimestamp: string;
    /** Set: somebody has deleted it, and it stays until its finalizers are gone. */
    readonly deletionTimestamp?: string | undefined;
    readonly finalizers?: readonly string[] | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly spec?: unknown;
  readonly status?: ObjectStatus | undefined;
}

/** What the controller says of an object. */
export interface ObjectStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly [field: string]: unknown;
}

export const GROUP = 'presage.dev';
/** Keeps an object until what it stands for is gone. */
export const FINALIZER = `${GROUP}/platform`;
/** On an object with the value "true": what differs from it is told and left as it is. */
export const PAUSED = `${GROUP}/paused`;

export function isPaused({ metadata }: Pick<DeclaredObject, 'metadata'>): boolean {
  return metadata.annotations?.[PAUSED] === 'true';
}

export function hasFinalizer({ metadata }: Pick<DeclaredObject, 'metadata'>): boolean {
  return metadata.finalizers?.includes(FINALIZER) ?? false;
}
