/** Kinds of policies that are declared as objects of Kubernetes. */
export type DeclaredKind = 'PlacementPolicy';

/** A policy that an object declares and that is valid; one that counts, where only one of its kind can. */
export interface DeclaredPolicy {
  readonly kind: DeclaredKind;
  /** Tenant, and namespace of the object. */
  readonly tenant: string;
  readonly name: string;
  /** Of the object. */
  readonly uid: string;
  readonly generation: number;
  readonly spec: unknown;
}

export interface DeclaredPolicyStore {
  /** Of all tenants, by tenant and name. */
  declaredPolicies(kind: DeclaredKind): Promise<readonly DeclaredPolicy[]>;
  /** Makes these the only ones of their kind. Where they are already, nothing is written. */
  replaceDeclaredPolicies(kind: DeclaredKind, policies: readonly Omit<DeclaredPolicy, 'kind'>[]): Promise<void>;
}
