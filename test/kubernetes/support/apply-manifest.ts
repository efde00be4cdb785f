import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { KubernetesApi, WriteOptions } from '../../../drivers/kubernetes/kubernetes-api';
import type { KubernetesObject, ResourceType } from '../../../drivers/kubernetes/resource-type';

interface Discovered {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** The objects of a YAML text, empty documents left out. */
export function objectsOf(yaml: string): readonly KubernetesObject[] {
  return parseAllDocuments(yaml)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}

/** Applies every object of a file, in its order, as `kubectl apply --server-side` does. */
export async function applyManifest(api: KubernetesApi, file: string, options: WriteOptions = {}): Promise<void> {
  for (const object of objectsOf(readFileSync(file, 'utf8')))
    await api.apply(await typeOf(api, object), object, options);
}

/** How the API server calls objects of this kind. @throws Error where it knows none */
export async function typeOf(api: KubernetesApi, { apiVersion = '', kind }: KubernetesObject): Promise<ResourceType> {
  const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const { resources } = (await api.raw({ method: 'GET', path, verb: 'get', resource: 'discovery' })) as Discovered;
  const found = resources.find((resource) => resource.kind === kind && !resource.name.includes('/'));
  if (!found || kind === undefined) throw new Error(`The API server knows no ${kind} of ${apiVersion}`);
  return { apiVersion, kind, plural: found.name, namespaced: found.namespaced };
}
