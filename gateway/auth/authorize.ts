import { PlatformError } from '../../core/error/platform-error';
import type { Principal, Scope } from '../api/api-context';

/** Lets its holder act in every tenant; given to the platform's own parts, never through the API. */
export const CROSS_TENANT_SCOPE = 'cross-tenant';

/** `admin` holds every other scope, in its own tenant. */
export function hasScope(principal: Principal, scope: Scope): boolean {
  return principal.scopes.includes(scope) || principal.scopes.includes('admin');
}

/** May `principal` do what `scope` names in `tenant`? @throws PlatformError forbidden */
export function authorize(principal: Principal, scope: Scope, tenant: string): void {
  if (principal.tenant !== tenant && !principal.scopes.includes(CROSS_TENANT_SCOPE)) {
    throw new PlatformError('forbidden', `The key belongs to another tenant than "${tenant}"`);
  }
  if (!hasScope(principal, scope)) {
    throw new PlatformError('forbidden', `The key lacks the scope "${scope}"`, {
      hint: `Make a key with it: POST /v1/keys {"name": …, "scopes": ["${scope}"]}.`,
    });
  }
}
