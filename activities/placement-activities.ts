import { isPlatformError } from '../core/error/platform-error';
import type { PlacedShare } from '../core/migration/shifted-shares';
import type { PlacementRecord } from '../drivers/store/placement-store';
import type { ActivityDependencies } from './dependencies';
import type { RevisionRef } from './revision-ref';

/** Somebody else is faster a few times at most. */
const TRIES = 5;

/** Changes where functions run. Each sets an absolute target by compare-and-set, so that a late repeat loses. */
export function placementActivities({ store, cluster }: ActivityDependencies) {
  return {
    /** A function that is new gets the node on which it was started; with one node only there is nothing to say. */
    async placeFunction({ ref, node }: { ref: RevisionRef; node: string }): Promise<void> {
      if ((await cluster.nodes()).length < 2 || (await store.placementOf(ref.functionId))) return;
      try {
        await store.setPlacement(ref.functionId, [{ node, weight: 100 }], { ifGeneration: 0 });
      } catch (error) {
        // Who was faster knows better.
        if (!isPlatformError(error) || error.code !== 'precondition_failed') throw error;
      }
    },

    /**
     * One step of a change in several steps.
     * @param input.expect generation that it follows on @param input.fence null: the change is over
     * @returns the generation that it made, or has made before @throws PlatformError precondition_failed
     */
    async shiftPlacement(input: {
      functionId: string;
      shares: readonly PlacedShare[];
      expect: number;
      fence: string | null;
    }): Promise<number> {
      const { functionId, shares, expect, fence } = input;
      const done = (now: PlacementRecord | null): boolean =>
        now?.generation === expect + 1 && now.fence === fence && sameShares(now.nodes, shares);
      if (done(await store.placementOf(functionId))) return expect + 1;
      try {
        const options = { ifGeneration: expect, ...(fence === null ? {} : { fence }) };
        return (await store.setPlacement(functionId, shares, options)).generation;
      } catch (error) {
        // Another try of this very step may have been at it.
        if (done(await store.placementOf(functionId))) return expect + 1;
        throw error;
      }
    },

    /** Ends a change by putting back what was before it; false when it is somebody else's by now. */
    async restorePlacement(input: {
      functionId: string;
      shares: readonly PlacedShare[];
      fence: string;
    }): Promise<boolean> {
      const { functionId, shares, fence } = input;
      for (let tries = 1; ; tries++) {
        const now = await store.placementOf(functionId);
        if (now?.fence !== fence) return false;
        try {
          await store.setPlacement(functionId, shares, { ifGeneration: now.generation });
          return true;
        } catch (error) {
          // A step that came late was faster once more; it cannot be again after this one.
          if (!isPlatformError(error) || error.code !== 'precondition_failed' || tries === TRIES) throw error;
        }
      }
    },
  };
}

function sameShares(a: readonly PlacedShare[], b: readonly PlacedShare[]): boolean {
  return (
    a.length === b.length && a.every(({ node, weight }, index) => node === b[index]?.node && weight === b[index].weight)
  );
}
