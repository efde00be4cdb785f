import type { Readable } from 'node:stream';
import type { PlatformError } from '../../core/error/platform-error';
import type { KubernetesObject, ObjectRef, ResourceType } from './resource-type';

/** Which objects of a type are meant; nothing given: all that the API server has. */
export interface ListQuery {
  readonly namespace?: string;
  /** Label selector: `app=x,tier in (edge)`. */
  readonly labels?: string;
  /** Field selector: `spec.nodeName=n1`. */
  readonly fields?: string;
}

export interface ObjectList<T> {
  readonly items: readonly T[];
  /** What a watch goes on from. */
  readonly resourceVersion: string;
}

export interface WriteOptions {
  /** A part with rules of its own: `status`, `scale`. */
  readonly subresource?: string;
  /** The API server checks and fills in everything, and keeps nothing. */
  readonly dryRun?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  /** Whose fields these are; default `presage`. */
  readonly fieldManager?: string;
  /** Take fields that others hold; default true. Without it a field of theirs is a conflict. */
  readonly force?: boolean;
}

export interface DeleteOptions {
  /** What becomes of what belongs to it; default: as the type has it, mostly `Background`. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly graceSeconds?: number;
  /** Only the object with this uid: not one of the same name that came later. */
  readonly uid?: string;
  readonly dryRun?: boolean;
}

/** One step of a JSON patch (RFC 6902). */
export interface PatchStep {
  readonly op: 'add' | 'remove' | 'replace' | 'test' | 'move' | 'copy';
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** A change that an informer tells of. */
export type ObjectChange<T> =
  | { readonly type: 'added'; readonly object: T }
  | { readonly type: 'changed'; readonly object: T; readonly before: T }
  | { readonly type: 'removed'; readonly object: T };

export interface InformerOptions<T> extends ListQuery {
  /** Called for each change, one after the other; the first list is told as `added`. What it throws goes to `onError`. */
  readonly onChange?: (change: ObjectChange<T>) => void;
  /** The API server cannot be asked at the moment, or `onChange` failed; the informer goes on by itself. */
  readonly onError?: (error: PlatformError) => void;
}

/** Keeps a copy of a list up to date, whatever becomes of the connection. */
export interface Informer<T> {
  /** By `namespace/name`, or by name where the type has no namespaces. */
  readonly objects: ReadonlyMap<string, T>;
  /** The first list is in. */
  readonly synced: Promise<void>;
  stop(): Promise<void>;
}

/** A request that none of the other methods makes, such as an eviction or a way through a node's proxy. */
export interface RawRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** From the root of the API server, with the query. */
  readonly path: string;
  readonly body?: unknown;
  /** What is counted: the verb as roles name it, and resource with subresource. */
  readonly verb: string;
  readonly resource: string;
  readonly timeoutMs?: number;
}

/**
 * A Kubernetes API server. Everything throws PlatformError: `not_found`, `conflict` (there already, or changed meanwhile),
 * `invalid_argument` (refused by a schema or by validation, with all problems), `forbidden` (a role is missing), `unauthenticated`,
 * `unavailable` (does not answer, or has too much to do).
 */
export interface KubernetesApi {
  /** For messages. */
  readonly url: string;
  /** The namespace that the kubeconfig's context or the pod names; `default` otherwise. */
  readonly namespace: string;

  get<T extends KubernetesObject>(type: ResourceType<T>, ref: ObjectRef): Promise<T>;
  /** Null instead of `not_found`. */
  find<T extends KubernetesObject>(type: ResourceType<T>, ref: ObjectRef): Promise<T | null>;
  /** All of them, in pages of 500. */
  list<T extends KubernetesObject>(type: ResourceType<T>, query?: ListQuery): Promise<ObjectList<T>>;
  create<T extends KubernetesObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  /** The whole object; with a `resourceVersion` only if it is still that one. */
  replace<T extends KubernetesObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  /** Server-side apply: the fields named here become as they are here, what was applied before and is left out goes. */
  apply<T extends KubernetesObject>(type: ResourceType<T>, object: T, options?: ApplyOptions): Promise<T>;
  /** An object is a merge patch (RFC 7396), a list a JSON patch. */
  patch<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: object | readonly PatchStep[],
    options?: WriteOptions,
  ): Promise<T>;
  delete(type: ResourceType, ref: ObjectRef, options?: DeleteOptions): Promise<void>;
  watch<T extends KubernetesObject>(type: ResourceType<T>, options?: InformerOptions<T>): Informer<T>;
  raw(request: RawRequest): Promise<unknown>;
  /** The bytes of an answer as they come, until the signal says so: a log that is followed. */
  stream(request: RawRequest, signal: AbortSignal): Promise<Readable>;
  /** Ends informers and connections. */
  close(): Promise<void>;
}

/** The key of an object in an informer. */
export function keyOf({ metadata }: KubernetesObject): string {
  const name = metadata?.name ?? '';
  return metadata?.namespace === undefined ? name : `${metadata.namespace}/${name}`;
}
