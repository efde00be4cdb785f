import type { PlatformError } from '../../../core/error/platform-error';
import { toPlatformError } from '../../../core/error/platform-error';
import type { CustomResource } from '../../../core/kubernetes/custom-resources';
import { PLACEMENT_POLICIES } from '../../../core/kubernetes/custom-resources';
import { decidePlacementPolicies, type DecidedPolicies } from '../../../core/kubernetes/policy-decision';
import type { DeclaredKind, DeclaredPolicyStore } from '../../../drivers/store/declared-policy-store';
import type { ObjectWriter, ServedObject } from './object-writer';

export interface PolicyControllerOptions {
  readonly store: DeclaredPolicyStore;
  readonly writer: ObjectWriter;
  /** The platform's own namespace: where a PlacementPolicy counts. */
  readonly home: string;
}

/** What is done with all objects of a kind at once: which of them counts hangs on the others. */
type Decide = (objects: readonly ServedObject[], home: string) => DecidedPolicies<unknown>;

const KINDS: Readonly<Record<DeclaredKind, { readonly resource: CustomResource; readonly decide: Decide }>> = {
  PlacementPolicy: { resource: PLACEMENT_POLICIES, decide: decidePlacementPolicies },
};

/** Keeps what PlacementPolicy objects declare, and says of each how it stands. */
export class PolicyController {
  constructor(private readonly options: PolicyControllerOptions) {}

  /**
   * What is not declared any more is forgotten, also what went while nobody looked: these objects need no finalizer.
   * @throws PlatformError what the last of the writes failed of; the others were done
   */
  async reconcile(kind: DeclaredKind, objects: readonly ServedObject[]): Promise<void> {
    const { store, writer, home } = this.options;
    const { resource, decide } = KINDS[kind];
    const { kept, said } = decide(
      objects.filter(({ metadata }) => metadata.deletionTimestamp === undefined),
      home,
    );
    await store.replaceDeclaredPolicies(
      kind,
      kept.map(({ object: { metadata }, spec }) => {
        const { namespace: tenant, name, uid, generation } = metadata;
        return { tenant, name, uid, generation, spec };
      }),
    );
    let failure: PlatformError | undefined;
    for (const { object, statements } of said) {
      try {
        await writer.status(resource, object as ServedObject, statements);
      } catch (error) {
        failure = toPlatformError(error);
        if (failure.code === 'not_found') failure = undefined;
      }
    }
    if (failure) throw failure;
  }
}
