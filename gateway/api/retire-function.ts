import type { FunctionRecord } from '../../drivers/store/store';
import type { ApiContext } from './api-context';

/** How long agents may take to end idle instances before they are left to run out by themselves. */
const RETIRE_DEADLINE_MS = 10_000;

/**
 * Deletes the function's rows, so that no request reaches it any more, and asks every agent to end its instances. That
 * goes on after the answer: an agent that is away ends them when their keep-alive is over.
 */
export async function retireFunction(context: ApiContext, fn: FunctionRecord, keyId: string): Promise<void> {
  const revisions = await context.store.revisions(fn.id);
  await context.store.deleteFunction(fn.tenant, fn.name);
  const data = { key: keyId, revisions: revisions.length };
  await context.store.writeEvents([
    { at: context.now(), tenant: fn.tenant, type: 'function.deleted', function: fn.name, node: null, data },
  ]);
  for (const node of context.nodes()) {
    for (const { id } of revisions) {
      node.agent
        .retire({ revisionId: id, reason: 'deleted', deadlineMs: RETIRE_DEADLINE_MS })
        .catch((error: unknown) =>
          context.log.warn({ err: error, node: node.name, revision: id }, 'could not retire a deleted revision'),
        );
    }
  }
}
