import type { ListQuery, ObjectList } from '../kubernetes-api';
import { pathOfType, type KubernetesObject, type ResourceType } from '../resource-type';
import type { Transport } from './transport';

const PAGE = 500;

/** Reads all pages of a list. */
export async function listAll<T extends KubernetesObject>(
  transport: Pick<Transport, 'send'>,
  type: ResourceType<T>,
  query: ListQuery,
  stopping?: AbortSignal,
): Promise<ObjectList<T>> {
  const items: T[] = [];
  for (let next = ''; ;) {
    const parameters = selectorsOf(query);
    parameters.set('limit', String(PAGE));
    if (next !== '') parameters.set('continue', next);
    const page = (await transport.send(
      {
        method: 'GET',
        path: `${pathOfType(type, query.namespace)}?${parameters.toString()}`,
        verb: 'list',
        resource: type.plural,
      },
      stopping,
    )) as { items?: T[]; metadata?: { resourceVersion?: string; continue?: string } };
    items.push(...(page.items ?? []));
    next = page.metadata?.continue ?? '';
    if (next === '') return { items, resourceVersion: page.metadata?.resourceVersion ?? '' };
  }
}

/** The query of a list or a watch. */
export function selectorsOf({ labels, fields }: ListQuery): URLSearchParams {
  const parameters = new URLSearchParams();
  if (labels !== undefined) parameters.set('labelSelector', labels);
  if (fields !== undefined) parameters.set('fieldSelector', fields);
  return parameters;
}
