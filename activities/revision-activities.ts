import { PlatformError } from '../core/error/platform-error';
import { checkpointMoment, parseManifest } from '../core/function/manifest';
import type { ActivityDependencies } from './dependencies';
import { findRevision, refOf } from './find-revision';
import type { RevisionRef } from './revision-ref';

/** Reads and marks revisions. */
export function revisionActivities({ store, images, cluster }: ActivityDependencies) {
  return {
    /** The revision that a person or the API named; the newest when none is. */
    async resolveRevision(input: {
      tenant: string;
      function: string;
      revision?: number | undefined;
    }): Promise<RevisionRef> {
      const found = await store.findFunction(input.tenant, input.function);
      if (!found) {
        throw new PlatformError('function_not_found', `There is no function ${input.tenant}/${input.function}`, {
          hint: 'Deploy it first: presage deploy DIR',
        });
      }
      const all = await store.revisions(found.id);
      const wanted = input.revision ?? Math.max(...all.map((revision) => revision.number));
      const record = all.find((revision) => revision.number === wanted);
      if (!record) {
        throw new PlatformError(
          'not_found',
          `${input.tenant}/${input.function} has no revision ${wanted}; it has ${all.map((revision) => revision.number).join(', ') || 'none'}`,
        );
      }
      return refOf(record);
    },

    /** Checks that the code is there and whole, and says where and how the revision starts. */
    async verifyRevision({
      ref,
    }: {
      ref: RevisionRef;
    }): Promise<{ node: string; moment: 'deploy' | 'first-request' | 'never' }> {
      const record = await findRevision(store, ref);
      const manifest = parseManifest(record.manifest);
      if (!(await images.stat(record.codeDigest))) {
        throw new PlatformError(
          'not_found',
          `The code ${record.codeDigest} of ${ref.tenant}/${ref.function} is not in the image store`,
          { hint: 'Deploy the function again' },
        );
      }
      const { allow, prefer } = manifest.spec.tier;
      const allowed = (await cluster.nodes()).filter((node) => allow.includes(node.tier));
      const node = allowed.find((candidate) => candidate.tier === prefer) ?? allowed[0];
      if (!node)
        throw new PlatformError(
          'invalid_argument',
          `No node is of a tier that ${ref.function} allows (${allow.join(', ')})`,
        );
      return { node: node.name, moment: checkpointMoment(manifest) };
    },

    async markRevision(input: { ref: RevisionRef; state: 'ready' | 'failed'; error?: string }): Promise<void> {
      await store.setRevisionState(input.ref.revisionId, input.state, input.error ?? null);
    },
  };
}
