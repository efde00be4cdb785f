import type { ObjectMeta } from 'kubernetes-types/meta/v1';

/** What every object of Kubernetes has. Times are strings, as they come over the wire. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/** One sort of objects, and where the API server keeps it. `T` is what one looks like. */
export interface ResourceType<T extends KubernetesObject = KubernetesObject> {
  /** `v1`, or group and version: `apps/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** As in paths and in roles: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never set: carries the type of an object. */
  readonly object?: T;
}

/** Names one object; the namespace is needed where the type has them. */
export interface ObjectRef {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** A sort of objects that live in namespaces. */
export function namespacedType<T extends KubernetesObject>(
  apiVersion: string,
  kind: string,
  plural: string,
): ResourceType<T> {
  return { apiVersion, kind, plural, namespaced: true };
}

/** A sort of objects that the whole cluster has once. */
export function clusterType<T extends KubernetesObject>(
  apiVersion: string,
  kind: string,
  plural: string,
): ResourceType<T> {
  return { apiVersion, kind, plural, namespaced: false };
}

/** Path of all objects of a type; without a namespace those of all namespaces. */
export function pathOfType(type: ResourceType, namespace?: string): string {
  const root = type.apiVersion.includes('/') ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`;
  const within = type.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${within}/${type.plural}`;
}

/** @param subresource such as `status` @throws RangeError where a namespace is missing */
export function pathOfObject(type: ResourceType, { name, namespace }: ObjectRef, subresource?: string): string {
  if (type.namespaced && !namespace)
    throw new RangeError(`A ${type.kind} has a namespace, and "${name}" was given none`);
  const end = subresource === undefined ? '' : `/${subresource}`;
  return `${pathOfType(type, namespace)}/${encodeURIComponent(name)}${end}`;
}
