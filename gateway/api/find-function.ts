import { PlatformError } from '../../core/error/platform-error';
import type { FunctionRecord, RevisionRecord } from '../../drivers/store/store';
import type { ApiContext } from './api-context';

/** @throws PlatformError function_not_found, for another tenant's function too */
export async function findFunction(context: ApiContext, tenant: string, name: string): Promise<FunctionRecord> {
  const found = await context.store.findFunction(tenant, name);
  if (found) return found;
  throw new PlatformError('function_not_found', `There is no function ${name} in the tenant ${tenant}.`, {
    hint: 'GET /v1/functions lists them; PUT /v1/functions/{name} makes one.',
  });
}

/** @throws PlatformError not_found */
export async function findRevision(context: ApiContext, fn: FunctionRecord, number: number): Promise<RevisionRecord> {
  const found = await context.store.findRevision(fn.id, number);
  if (found) return found;
  throw new PlatformError('not_found', `${fn.name} has no revision ${number}.`, {
    hint: `GET /v1/functions/${fn.name}/revisions lists them.`,
  });
}
