import type { FastifyRequest } from 'fastify';
import { PlatformError } from '../../core/error/platform-error';
import { hasScope } from '../auth/authorize';
import type { Caller } from './api-app';
import type { ApiContext, Principal } from './api-context';

/** The tenant whose admin keys may name another tenant by `?tenant=`: whoever operates the platform. */
export const OPERATOR_TENANT = 'default';

export function isOperator(principal: Principal): boolean {
  return principal.tenant === OPERATOR_TENANT && principal.scopes.includes('admin');
}

/**
 * Runs before a body is read: authenticates, checks the route's scope and settles the tenant. A route that names no
 * scope is refused, so that a forgotten one fails closed.
 */
export function accessGuard(context: ApiContext): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const { scope } = request.routeOptions.config;
    if (scope === 'open') return;
    if (scope === undefined) throw new PlatformError('internal', `${request.routeOptions.url} names no scope`);
    const principal = (request.apiPrincipal = await context.auth.authenticate(request.headers));
    if (scope !== 'any' && !hasScope(principal, scope)) {
      throw new PlatformError(
        'forbidden',
        `This needs a key with the scope ${scope}; yours has ${principal.scopes.join(', ') || 'none'}.`,
        {
          hint: 'Ask an admin of the tenant for another key: POST /v1/keys.',
        },
      );
    }
    request.apiCaller = await settleTenant(context, principal, request.query);
  };
}

async function settleTenant(context: ApiContext, principal: Principal, query: unknown): Promise<Caller> {
  const operator = isOperator(principal);
  const named = typeof query === 'object' && query !== null && 'tenant' in query ? query.tenant : undefined;
  if (named === undefined || named === principal.tenant) return { principal, tenant: principal.tenant, operator };
  if (!operator) {
    throw new PlatformError('forbidden', `This key works for its own tenant only; leave ?tenant= away.`, {
      hint: `Another tenant can be named with an admin key of the tenant ${OPERATOR_TENANT}.`,
    });
  }
  const tenants = await context.store.tenants();
  if (typeof named !== 'string' || !tenants.some((tenant) => tenant.name === named)) {
    throw new PlatformError('not_found', `There is no tenant ${JSON.stringify(named)}.`, {
      hint: 'GET /v1/tenants lists them.',
    });
  }
  return { principal, tenant: named, operator };
}
