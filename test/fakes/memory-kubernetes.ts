import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { isPlatformError, PlatformError, toPlatformError } from '../../core/error/platform-error';
import {
  keyOf,
  type ApplyOptions,
  type DeleteOptions,
  type Informer,
  type InformerOptions,
  type KubernetesApi,
  type ListQuery,
  type ObjectChange,
  type ObjectList,
  type PatchStep,
  type RawRequest,
  type WriteOptions,
} from '../../drivers/kubernetes/kubernetes-api';
import type { KubernetesObject, ObjectRef, ResourceType } from '../../drivers/kubernetes/resource-type';
import { applySteps, mergeInto, selects, type Json } from './memory-kubernetes-objects';

interface Listener {
  readonly plural: string;
  readonly query: ListQuery;
  readonly tell: (change: ObjectChange<KubernetesObject>) => void;
}

/**
 * An API server of maps: versions, finalizers, the status apart, selectors, watches. It checks no schema, and what one manager
 * has applied and leaves out the next time stays.
 */
export class MemoryKubernetes implements KubernetesApi {
  readonly url = 'memory://kubernetes';
  readonly namespace = 'default';
  /** What `raw` answers; it throws unless a test sets it. */
  onRaw: (request: RawRequest) => unknown = ({ path }) => {
    throw new PlatformError('not_found', `Nothing answers at ${path}`);
  };
  readonly #objects = new Map<string, Map<string, KubernetesObject>>();
  readonly #listeners = new Set<Listener>();
  #version = 0;

  async get<T extends KubernetesObject>(type: ResourceType<T>, ref: ObjectRef): Promise<T> {
    const found = this.#of(type).get(keyOf({ metadata: metadataOf(ref) }));
    if (!found) throw new PlatformError('not_found', `There is no ${type.plural} "${ref.name}"`);
    return structuredClone(found) as T;
  }

  async find<T extends KubernetesObject>(type: ResourceType<T>, ref: ObjectRef): Promise<T | null> {
    try {
      return await this.get(type, ref);
    } catch (error) {
      if (isPlatformError(error) && error.code === 'not_found') return null;
      throw error;
    }
  }

  async list<T extends KubernetesObject>(type: ResourceType<T>, query: ListQuery = {}): Promise<ObjectList<T>> {
    const items = [...this.#of(type).values()].filter((object) => selects(query, object));
    return { items: structuredClone(items) as T[], resourceVersion: String(this.#version) };
  }

  async create<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const name = object.metadata?.name ?? `${object.metadata?.generateName ?? ''}${randomUUID().slice(0, 5)}`;
    const metadata = { ...object.metadata, name, uid: randomUUID(), creationTimestamp: new Date(0).toISOString() };
    const made = { apiVersion: type.apiVersion, kind: type.kind, ...object, metadata };
    if (this.#of(type).has(keyOf(made))) throw new PlatformError('conflict', `${type.plural} "${name}" already exists`);
    return this.#keep(type, made, options);
  }

  async replace<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const before = await this.get(type, refOf(object));
    const version = object.metadata?.resourceVersion;
    if (version !== undefined && version !== before.metadata?.resourceVersion)
      throw new PlatformError('conflict', `${type.plural} "${object.metadata?.name}" has been modified`);
    const metadata = { ...before.metadata, ...object.metadata };
    return this.#keep(type, { ...object, metadata }, options, before);
  }

  async apply<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: ApplyOptions = {}): Promise<T> {
    const before = await this.find(type, refOf(object));
    if (!before) return this.create(type, object, options);
    return this.#keep(type, mergeInto(before as Json, object as Json) as T, options, before);
  }

  async patch<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: object | readonly PatchStep[],
    options: WriteOptions = {},
  ): Promise<T> {
    const before = await this.get(type, ref);
    const after = Array.isArray(patch)
      ? applySteps(before as Json, patch as readonly PatchStep[])
      : mergeInto(before as Json, patch as Json);
    return this.#keep(type, after as T, options, before);
  }

  async delete(type: ResourceType, ref: ObjectRef, { uid, dryRun }: DeleteOptions = {}): Promise<void> {
    const before = await this.get(type, ref);
    if (uid !== undefined && uid !== before.metadata?.uid)
      throw new PlatformError('conflict', `${type.plural} "${ref.name}" is another one by now`);
    if (dryRun) return;
    if ((before.metadata?.finalizers ?? []).length === 0) return this.#drop(type, before);
    if (before.metadata?.deletionTimestamp !== undefined) return;
    const metadata = { ...before.metadata, deletionTimestamp: new Date(0).toISOString() };
    this.#keep(type, { ...before, metadata }, {}, before);
  }

  watch<T extends KubernetesObject>(type: ResourceType<T>, options: InformerOptions<T> = {}): Informer<T> {
    const objects = new Map<string, T>();
    const listener: Listener = {
      plural: type.plural,
      query: options,
      tell: (change) => {
        if (change.type === 'removed') objects.delete(keyOf(change.object));
        else objects.set(keyOf(change.object), change.object as T);
        try {
          options.onChange?.(change as ObjectChange<T>);
        } catch (error) {
          options.onError?.(toPlatformError(error));
        }
      },
    };
    // As with a real one, nothing is told before this has returned.
    const synced = this.list(type, options).then(({ items }) => {
      this.#listeners.add(listener);
      for (const object of items) listener.tell({ type: 'added', object });
    });
    return {
      objects,
      synced,
      stop: async () => {
        await synced;
        this.#listeners.delete(listener);
      },
    };
  }

  stream({ path }: RawRequest): Promise<Readable> {
    return Promise.reject(new PlatformError('not_found', `Nothing answers at ${path}`));
  }

  async raw(request: RawRequest): Promise<unknown> {
    return this.onRaw(request);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  #of(type: ResourceType): Map<string, KubernetesObject> {
    const known = this.#objects.get(type.plural) ?? new Map<string, KubernetesObject>();
    this.#objects.set(type.plural, known);
    return known;
  }

  #keep<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: WriteOptions, before?: T): T {
    const status = (from: KubernetesObject | undefined): Json => {
      return from && 'status' in from ? { status: from.status } : {};
    };
    // A status is written by itself, and by nothing else.
    const whole =
      options.subresource === 'status' ? { ...before, ...status(object) } : { ...object, ...status(before) };
    if (before && JSON.stringify(whole) === JSON.stringify(before)) return before;
    this.#version += 1;
    const metadata = { ...(whole as T).metadata, resourceVersion: String(this.#version) };
    const kept = structuredClone({ ...whole, metadata }) as T;
    if (options.dryRun) return kept;
    if (metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0) this.#drop(type, kept);
    else {
      this.#of(type).set(keyOf(kept), kept);
      this.#tell(type, before ? { type: 'changed', object: kept, before } : { type: 'added', object: kept });
    }
    return structuredClone(kept);
  }

  #drop(type: ResourceType, object: KubernetesObject): void {
    this.#of(type).delete(keyOf(object));
    this.#tell(type, { type: 'removed', object });
  }

  #tell(type: ResourceType, change: ObjectChange<KubernetesObject>): void {
    for (const { plural, query, tell } of [...this.#listeners]) {
      if (plural !== type.plural) continue;
      const now = change.type !== 'removed' && selects(query, change.object);
      const then =
        change.type === 'removed'
          ? selects(query, change.object)
          : change.type === 'changed' && selects(query, change.before);
      if (now && then) tell(structuredClone(change));
      else if (now) tell({ type: 'added', object: structuredClone(change.object) });
      else if (then) tell({ type: 'removed', object: structuredClone(change.object) });
    }
  }
}

function metadataOf({ name, namespace }: ObjectRef): KubernetesObject['metadata'] & object {
  return namespace === undefined ? { name } : { name, namespace };
}

function refOf({ metadata }: KubernetesObject): ObjectRef {
  return { name: metadata?.name ?? '', namespace: metadata?.namespace };
}
