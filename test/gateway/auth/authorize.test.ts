import { authorize, hasScope } from '../../../gateway/auth/authorize';

const key = (tenant: string, ...scopes: string[]) => ({ keyId: 'k', credential: 'key' as const, tenant, scopes });

test.each([
  [['invoke'], 'acme', 'invoke', 'acme', true],
  [['admin'], 'acme', 'invoke', 'acme', true],
  [['deploy', 'read'], 'acme', 'invoke', 'acme', false],
  [['invoke'], 'acme', 'deploy', 'acme', false],
  [['invoke'], 'acme', 'invoke', 'other', false],
  [['admin'], 'acme', 'invoke', 'other', false],
  [['admin', 'cross-tenant'], 'acme', 'invoke', 'other', true],
  [['cross-tenant'], 'acme', 'invoke', 'other', false],
  [[], 'acme', 'read', 'acme', false],
] as const)('scopes %j of tenant %s, %s in %s: %s', (scopes, own, scope, tenant, allowed) => {
  const attempt = (): void => authorize(key(own, ...scopes), scope, tenant);
  if (allowed) expect(attempt).not.toThrow();
  else expect(attempt).toThrow(expect.objectContaining({ code: 'forbidden', status: 403 }));
});

test('admin holds every scope', () => {
  expect(hasScope(key('acme', 'admin'), 'deploy')).toBe(true);
  expect(hasScope(key('acme', 'read'), 'deploy')).toBe(false);
});
