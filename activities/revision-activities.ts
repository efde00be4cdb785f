import { PlatformError } from '../core/error/platform-error';
import { isolationOf } from '../core/function/isolation';
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
      const { isolation } = manifest.spec;
      const offering = (await cluster.nodes()).filter(({ labels }) => isolationOf(labels) === isolation);
      if (offering.length === 0) {
        throw new PlatformError('invalid_argument', `No node runs functions of isolation ${isolation}`, {
          hint:
            isolation === 'pod'
              ? 'Set kubernetes.pods and start the pod agents, or leave spec.isolation at agent'
              : 'Start an agent on a node, or set spec.isolation: pod',
        });
      }
      const allowed = offering.filter(
        ({ tier, region }) => allow.includes(tier) && (manifest.spec.placement?.regions?.includes(region) ?? true),
      );
      if (allowed.length === 0) {
        throw new PlatformError(
          'invalid_argument',
          `No node is of a tier and in a region that ${ref.function} allows (${allow.join(', ')})`,
        );
      }
      const ready = allowed.filter(({ state }) => state === 'ready');
      const placed = [...((await store.placementOf(ref.functionId))?.nodes ?? [])].sort((a, b) => b.weight - a.weight);
      const node =
        placed.map(({ node: name }) => ready.find((candidate) => candidate.name === name)).find(Boolean) ??
        ready.find(({ tier }) => tier === prefer) ??
        ready[0];
      if (!node) {
        const states = allowed.map(({ name, state }) => `${name} is ${state}`).join(', ');
        throw new PlatformError('capacity', `No node that ${ref.function} allows takes new work: ${states}`, {
          hint: 'presage node uncordon NODE, or wait until one is back',
          retryAfterSeconds: 5,
        });
      }
      return { node: node.name, moment: checkpointMoment(manifest) };
    },

    async markRevision(input: { ref: RevisionRef; state: 'ready' | 'failed'; error?: string }): Promise<void> {
      await store.setRevisionState(input.ref.revisionId, input.state, input.error ?? null);
    },
  };
}
