import { PlatformError } from '../../core/error/platform-error';
import type { InvocationRecord } from '../../drivers/store/store';
import type { ApiContext } from './api-context';

/** @throws PlatformError not_found, for another tenant's invocation too */
export async function findInvocation(
  { store }: Pick<ApiContext, 'store'>,
  tenant: string,
  id: string,
): Promise<InvocationRecord> {
  const found = await store.findInvocation(tenant, id);
  if (found) return found;
  throw new PlatformError('not_found', `There is no invocation ${id}.`, {
    hint: 'Records are written a moment after the answer, and kept as long as retention says.',
  });
}
