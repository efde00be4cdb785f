import { PlatformError } from '../../core/error/platform-error';
import type { ListQuery, PatchStep } from '../../drivers/kubernetes/kubernetes-api';
import type { KubernetesObject } from '../../drivers/kubernetes/resource-type';

export type Json = Record<string, unknown>;

/** Merge patch of RFC 7396: null takes a member out. */
export function mergeInto(target: Json, patch: Json): Json {
  const merged: Json = structuredClone(target);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else if (value !== undefined)
      merged[key] = isObject(value) ? mergeInto(isObject(merged[key]) ? merged[key] : {}, value) : value;
  }
  return merged;
}

/** JSON patch of RFC 6902, without `move` and `copy`. @throws PlatformError invalid_argument for a test that fails */
export function applySteps(target: Json, steps: readonly PatchStep[]): Json {
  const result = structuredClone(target);
  for (const { op, path, value } of steps) {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop() ?? '';
    const parent = keys.reduce<Json>((at, key) => at[key] as Json, result);
    if (op === 'test') {
      if (JSON.stringify(parent[last]) !== JSON.stringify(value))
        throw new PlatformError('invalid_argument', `The value at ${path} is another`);
    } else if (Array.isArray(parent)) {
      const index = last === '-' ? parent.length : Number(last);
      parent.splice(index, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [value]));
    } else if (op === 'remove') delete parent[last];
    else parent[last] = value;
  }
  return result;
}

/** Whether a list with this query has the object in it. */
export function selects({ namespace, labels, fields }: ListQuery, object: KubernetesObject): boolean {
  if (namespace !== undefined && object.metadata?.namespace !== namespace) return false;
  const has = object.metadata?.labels ?? {};
  const byLabels = split(labels).every((term) => matches(term, (key) => has[key]));
  return byLabels && split(fields).every((term) => matches(term, (key) => valueAt(object as Json, key)));
}

function matches(term: string, valueOf: (key: string) => string | undefined): boolean {
  const set = /^(\S+) (in|notin) \(([^)]*)\)$/.exec(term);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const within = list
      .split(',')
      .map((value) => value.trim())
      .includes(valueOf(key) ?? '\0');
    return within === (operator === 'in');
  }
  const [, key = '', operator, value] = /^([^!=]+)(!=|==?)(.*)$/.exec(term) ?? [];
  if (operator === undefined)
    return term.startsWith('!') ? valueOf(term.slice(1)) === undefined : valueOf(term) !== undefined;
  return ((valueOf(key) ?? '') === value) === (operator !== '!=');
}

/** At commas that stand in no brackets. */
function split(selector = ''): readonly string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter(Boolean);
}

function valueAt(object: Json, path: string): string | undefined {
  const value = path.split('.').reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), object);
  return typeof value === 'string' ? value : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
