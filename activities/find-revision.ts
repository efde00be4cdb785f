import { PlatformError } from '../core/error/platform-error';
import type { RevisionRecord, Store } from '../drivers/store/store';
import type { RevisionRef } from './revision-ref';

/** The stored revision of a ref. @throws PlatformError not_found when it was deleted meanwhile */
export async function findRevision(store: Store, ref: RevisionRef): Promise<RevisionRecord> {
  const record = await store.findRevision(ref.functionId, ref.revision);
  if (!record)
    throw new PlatformError(
      'not_found',
      `Revision ${ref.revision} of ${ref.tenant}/${ref.function} does not exist any more`,
    );
  return record;
}

/** The ref of a stored revision. */
export function refOf(record: RevisionRecord): RevisionRef {
  return {
    tenant: record.tenant,
    function: record.function,
    functionId: record.functionId,
    revision: record.number,
    revisionId: record.id,
  };
}
