import { canonicalJson } from '../../../core/function/revision-digest';
import { nextConditions, type Statement } from '../../../core/kubernetes/condition';
import type { CustomResource } from '../../../core/kubernetes/custom-resources';
import { FINALIZER, GROUP, hasFinalizer, type DeclaredObject } from '../../../core/kubernetes/declared-object';
import type { KubernetesApi } from '../../../drivers/kubernetes/kubernetes-api';
import { namespacedType, type KubernetesObject, type ResourceType } from '../../../drivers/kubernetes/resource-type';

/** An object of ours as it comes from the API server. */
export type ServedObject = DeclaredObject & KubernetesObject;

const FIELD_MANAGER = 'presage-controller';

/** Where the API server keeps a kind of ours. */
export function typeOf({ kind, plural, version }: CustomResource): ResourceType<ServedObject> {
  return namespacedType<ServedObject>(`${GROUP}/${version}`, kind, plural);
}

/**
 * Writes what a controller says of objects. Each write names the version that it was decided by, so that one that is late, or comes
 * from a second controller with older knowledge, is refused with `conflict` and nothing goes back.
 */
export class ObjectWriter {
  /** By uid, what was written and has not come back by a watch: versions that are behind it, and the newest. */
  readonly #ahead = new Map<string, { readonly behind: Set<string>; readonly object: ServedObject }>();

  constructor(
    private readonly api: Pick<KubernetesApi, 'apply' | 'patch'>,
    private readonly now: () => number,
  ) {}

  /** An object as an informer has it, or as it is since our own last write, where the informer does not know of that yet. */
  newest(object: ServedObject): ServedObject {
    const { uid, resourceVersion } = object.metadata;
    const ahead = this.#ahead.get(uid);
    if (ahead?.behind.has(resourceVersion)) return ahead.object;
    this.#ahead.delete(uid);
    return object;
  }

  /**
   * Writes nothing where the object says the same already.
   * @returns whether it was written: of several controllers that come to say the same, by one
   * @throws PlatformError conflict, not_found, unavailable
   */
  async status(
    resource: CustomResource,
    object: ServedObject,
    statements: readonly Statement[],
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<boolean> {
    const { name, namespace, generation, resourceVersion } = object.metadata;
    const at = new Date(Math.floor(this.now() / 1000) * 1000).toISOString().replace('.000Z', 'Z');
    const conditions = nextConditions(object.status?.conditions ?? [], statements, generation, at);
    const status = { observedGeneration: generation, ...fields, conditions };
    if (object.status && canonicalJson(status) === canonicalJson(sorted(object.status, status))) return false;
    const type = typeOf(resource);
    const body = { metadata: { name, namespace, resourceVersion }, status } as unknown as ServedObject;
    this.#note(object, await this.api.apply(type, body, { subresource: 'status', fieldManager: FIELD_MANAGER }));
    return true;
  }

  /** Keeps the object until `release`. @returns it as it is then */
  async keep(resource: CustomResource, object: ServedObject): Promise<ServedObject> {
    if (hasFinalizer(object)) return object;
    return this.#finalizers(resource, object, [...(object.metadata.finalizers ?? []), FINALIZER]);
  }

  async release(resource: CustomResource, object: ServedObject): Promise<void> {
    await this.#finalizers(
      resource,
      object,
      (object.metadata.finalizers ?? []).filter((name) => name !== FINALIZER),
    );
  }

  async #finalizers(
    resource: CustomResource,
    object: ServedObject,
    finalizers: readonly string[],
  ): Promise<ServedObject> {
    const { name, namespace, resourceVersion } = object.metadata;
    const patch = { metadata: { finalizers, resourceVersion } };
    const written = await this.api.patch(typeOf(resource), { name, namespace }, patch);
    this.#note(object, written);
    return written;
  }

  #note(before: ServedObject, object: ServedObject): void {
    const { uid, resourceVersion } = before.metadata;
    const behind = this.#ahead.get(uid)?.behind ?? new Set();
    this.#ahead.set(uid, { behind: behind.add(resourceVersion), object });
  }
}

/** The status as it is, with conditions in the order of the new one: the API server keeps its own. */
function sorted(
  status: DeclaredObject['status'],
  like: { readonly conditions: readonly { readonly type: string }[] },
): unknown {
  if (!status) return status;
  const order = like.conditions.map(({ type }) => type);
  const conditions = [...(status.conditions ?? [])].sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
  return { ...status, conditions };
}
