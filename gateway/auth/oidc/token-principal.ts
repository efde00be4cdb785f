import { PlatformError } from '../../../core/error/platform-error';
import { nameSchema } from '../../../core/function/manifest';
import type { Principal, Scope } from '../../api/api-context';
import type { IssuerSettings } from './issuer-settings';

/** What a person may be in a tenant. */
export const ROLES = ['viewer', 'invoker', 'deployer', 'admin'] as const;
type Role = (typeof ROLES)[number];

const SCOPES_OF: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ['read'],
  invoker: ['invoke'],
  deployer: ['deploy', 'read', 'invoke'],
  admin: ['admin'],
};

type Claims = Readonly<Record<string, unknown>>;

/**
 * Who a verified token stands for. One without a known role is somebody who may do nothing.
 * @throws PlatformError forbidden for a token that names no tenant, or one that its issuer may not speak for
 */
export function principalOf(
  claims: Claims,
  settings: Pick<IssuerSettings, 'issuer' | 'tenantClaim' | 'tenants' | 'rolesClaim' | 'roleMap'>,
): Principal {
  const tenant = nameSchema.safeParse(claimOf(claims, settings.tenantClaim));
  if (!tenant.success) {
    throw new PlatformError('forbidden', `The token's claim "${settings.tenantClaim}" names no tenant`, {
      hint: 'auth.issuers[].tenantClaim of the configuration says which claim it is.',
    });
  }
  if (settings.tenants && !settings.tenants.includes(tenant.data)) {
    throw new PlatformError('forbidden', `The issuer of this token may not speak for the tenant "${tenant.data}"`);
  }
  const scopes = rolesOf(claimOf(claims, settings.rolesClaim), settings.roleMap).flatMap((role) => SCOPES_OF[role]);
  const subject = typeof claims['sub'] === 'string' ? claims['sub'] : '';
  return {
    keyId: `${settings.issuer}#${subject}`,
    credential: 'token',
    tenant: tenant.data,
    scopes: [...new Set(scopes)],
  };
}

function rolesOf(value: unknown, map: Readonly<Record<string, Role>>): Role[] {
  const words: readonly unknown[] =
    typeof value === 'string' ? value.split(/[\s,]+/) : Array.isArray(value) ? value : [];
  const mapped = Object.keys(map).length > 0;
  return words.flatMap((word): Role[] => {
    if (typeof word !== 'string') return [];
    if (mapped) return Object.hasOwn(map, word) ? [map[word] as Role] : [];
    return ROLES.filter((role) => role === word);
  });
}

/** A claim of that whole name (they may be URLs), else what lies at the path. */
function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split('.').reduce<unknown>((value, key) => {
    const inside = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    return inside ? (value as Claims)[key] : undefined;
  }, claims);
}
