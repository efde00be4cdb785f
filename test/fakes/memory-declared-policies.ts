import type { DeclaredPolicy, DeclaredPolicyStore } from '../../drivers/store/declared-policy-store';

export function memoryDeclaredPolicies(): DeclaredPolicyStore {
  let all: readonly DeclaredPolicy[] = [];
  const keyOf = ({ tenant, name }: DeclaredPolicy): string => `${tenant} ${name}`;
  return {
    declaredPolicies: async (kind) =>
      all.filter((policy) => policy.kind === kind).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    replaceDeclaredPolicies: async (kind, policies) => {
      all = [...all.filter((policy) => policy.kind !== kind), ...policies.map((policy) => ({ kind, ...policy }))];
    },
  };
}
