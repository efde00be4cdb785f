import type { DeclaredObject } from '../../../core/kubernetes/declared-object';
import { decidePlacementPolicies } from '../../../core/kubernetes/policy-decision';

function object(
  name: string,
  spec: unknown,
  { namespace = 'presage', at = '2026-01-01T00:00:00Z' } = {},
): DeclaredObject {
  const metadata = { name, namespace, uid: `uid-${name}`, generation: 1, resourceVersion: '1', creationTimestamp: at };
  return { apiVersion: 'presage.dev/v1alpha1', kind: 'PlacementPolicy', metadata, spec };
}
const said = (decided: ReturnType<typeof decidePlacementPolicies>) =>
  Object.fromEntries(decided.said.map(({ object: { metadata }, statements }) => [metadata.name, statements.map(({ status, reason }) => `${status} ${reason}`)])); // prettier-ignore

test('the oldest valid policy of the platform’s namespace counts, whatever the order they come in', () => {
  const objects = [
    object('newer', { maxMoves: 1 }, { at: '2026-01-02T00:00:00Z' }),
    object('broken', { maxMoves: 0 }, { at: '2025-01-01T00:00:00Z' }),
    object('elsewhere', { maxMoves: 3 }, { namespace: 'acme', at: '2025-01-01T00:00:00Z' }),
    object('oldest', { maxMoves: 2 }),
  ];
  for (const some of [objects, [...objects].reverse()]) {
    const decided = decidePlacementPolicies(some, 'presage');
    expect(decided.kept).toEqual([{ object: objects[3], spec: { maxMoves: 2 } }]);
    expect(said(decided)).toEqual({
      newer: ['True Valid', 'False Superseded'],
      broken: ['False Invalid', 'False Invalid'],
      elsewhere: ['False OtherNamespace', 'False OtherNamespace'],
      oldest: ['True Valid', 'True Counts'],
    });
  }
  expect(decidePlacementPolicies([], 'presage')).toEqual({ kept: [], said: [] });
});
