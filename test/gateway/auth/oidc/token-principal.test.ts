import { issuerSchema } from '../../../../gateway/auth/oidc/issuer-settings';
import { principalOf } from '../../../../gateway/auth/oidc/token-principal';

const settingsOf = (change: object = {}) =>
  issuerSchema.parse({ issuer: 'https://id.example', audience: 'presage', ...change });
const scopes = (claims: object, change: object = {}) =>
  principalOf({ sub: 'ann', tenant: 'acme', ...claims }, settingsOf(change)).scopes;

test.each([
  [['viewer'], ['read']],
  [['invoker'], ['invoke']],
  [['deployer'], ['deploy', 'read', 'invoke']],
  [['admin'], ['admin']],
  [
    ['viewer', 'deployer', 'viewer'],
    ['read', 'deploy', 'invoke'],
  ],
  ['viewer invoker', ['read', 'invoke']],
  [['root', 7, null, 'toString'], []],
  [undefined, []],
  [{ admin: true }, []],
])('roles %j are scopes %j', (roles, expected) => {
  expect(scopes({ roles })).toEqual(expected);
});

test('a role map alone decides where there is one', () => {
  const roleMap = { 'presage-ops': 'admin', staff: 'viewer' };
  expect(scopes({ roles: ['staff'] }, { roleMap })).toEqual(['read']);
  expect(scopes({ roles: ['presage-ops', 'admin'] }, { roleMap })).toEqual(['admin']);
  expect(scopes({ roles: ['admin', '__proto__', 'constructor'] }, { roleMap })).toEqual([]);
});

test('claims may lie deep, or have dots in their names', () => {
  const change = { rolesClaim: 'realm_access.roles', tenantClaim: 'https://presage.dev/tenant' };
  const claims = { sub: 'a', 'https://presage.dev/tenant': 'acme', realm_access: { roles: ['viewer'] } };
  expect(principalOf(claims, settingsOf(change))).toMatchObject({ tenant: 'acme', scopes: ['read'] });
  expect(scopes({ realm_access: 'x' }, { rolesClaim: 'realm_access.length' })).toEqual([]);
});

test.each([undefined, 7, '', 'Not A Name', ['acme']])('the tenant %j is none', (tenant) => {
  expect(() => scopes({ tenant })).toThrow(expect.objectContaining({ code: 'forbidden' }));
});

test('an issuer speaks only for the tenants it is given', () => {
  expect(scopes({ roles: ['viewer'] }, { tenants: ['acme'] })).toEqual(['read']);
  expect(() => scopes({ tenant: 'default', roles: ['admin'] }, { tenants: ['acme'] })).toThrow('may not speak for');
});

test('issuers are https, or this machine', () => {
  const valid = (issuer: string) => issuerSchema.safeParse({ issuer, audience: 'a' }).success;
  expect(['https://id.example', 'http://127.0.0.1:9000', 'http://[::1]:9000', 'http://localhost'].map(valid)).toEqual([true, true, true, true]); // prettier-ignore
  expect(['http://id.example', 'http://127.0.0.1.evil.example', 'ftp://id.example', 'id'].map(valid)).toEqual([false, false, false, false]); // prettier-ignore
});
