import type { Problem } from '../error/platform-error';
import { problemsOf } from '../function/manifest';
import { placementPolicySpecSchema, type PlacementPolicySpec } from '../plan/placement-policy';
import type { Statement } from './condition';
import type { DeclaredObject } from './declared-object';

/** Objects with what is to be said of each. */
export interface DecidedPolicies<Spec> {
  /** What counts in the platform from now on. */
  readonly kept: readonly { readonly object: DeclaredObject; readonly spec: Spec }[];
  readonly said: readonly { readonly object: DeclaredObject; readonly statements: readonly Statement[] }[];
}

/**
 * Which PlacementPolicy counts: the oldest valid one of the platform's own namespace. One placement is made for all tenants, so
 * that no tenant's namespace can have a say in it.
 * @param home the platform's namespace
 */
export function decidePlacementPolicies(
  objects: readonly DeclaredObject[],
  home: string,
): DecidedPolicies<PlacementPolicySpec> {
  const read = [...objects]
    .sort(byAge)
    .map((object) => ({ object, result: placementPolicySpecSchema.safeParse(object.spec ?? {}) }));
  const counting = read.find(({ object, result }) => result.success && object.metadata.namespace === home)?.object;
  const said = read.map(({ object, result }) => {
    if (!result.success) return { object, statements: refusedPolicy('Effective', problemsOf(result.error)) };
    if (object.metadata.namespace !== home) {
      const message = `one placement is made for all: a policy counts in the namespace ${home} alone`;
      return {
        object,
        statements: [
          statement('Accepted', 'False', 'OtherNamespace', message),
          statement('Effective', 'False', 'OtherNamespace', message),
        ],
      };
    }
    const own = object === counting;
    const message = own
      ? 'counts instead of what is configured, from the next plan on'
      : `${counting?.metadata.name} is older`;
    return {
      object,
      statements: [VALID, statement('Effective', own ? 'True' : 'False', own ? 'Counts' : 'Superseded', message)],
    };
  });
  const kept = read.flatMap(({ object, result }) =>
    object === counting && result.success ? [{ object, spec: result.data }] : [],
  );
  return { kept, said };
}

/** Of an object that is. */
export const VALID = statement('Accepted', 'True', 'Valid', 'the object is valid and kept');

/** What is said of an object that is not valid. @param second the condition that hangs on it */
export function refusedPolicy(second: string, problems: readonly Problem[]): readonly Statement[] {
  const lines = problems.map(({ path, message }) => `spec${path === '(root)' ? '' : `.${path}`}: ${message}`);
  const message = `${problems.length} problem(s): ${lines.join('; ')}`;
  return [statement('Accepted', 'False', 'Invalid', message), statement(second, 'False', 'Invalid', message)];
}

export function statement(type: string, status: Statement['status'], reason: string, message: string): Statement {
  return { type, status, reason, message };
}

/** The older first; those of one second by name. */
function byAge(a: DeclaredObject, b: DeclaredObject): number {
  const [ofA, ofB] = [a, b].map(
    ({ metadata }) => `${metadata.creationTimestamp} ${metadata.namespace}/${metadata.name}`,
  );
  return (ofA ?? '') < (ofB ?? '') ? -1 : 1;
}
