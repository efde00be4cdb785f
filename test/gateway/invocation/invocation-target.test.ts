import fc from 'fast-check';
import { invocationTargetOf } from '../../../gateway/invocation/invocation-target';

const live = { tenant: 'acme', function: 'shop', alias: 'live' };

test.each([
  ['/fn/acme/shop', { ...live, path: '/' }],
  ['/fn/acme/shop/', { ...live, path: '/' }],
  ['/fn/acme/shop?x=1', { ...live, path: '/?x=1' }],
  ['/fn/acme/shop?next=/a/b', { ...live, path: '/?next=/a/b' }],
  ['/fn/acme/shop/a%2Fb/%20?q=%zz', { ...live, path: '/a%2Fb/%20?q=%zz' }],
  ['/fn/acme/shop@canary/x', { ...live, alias: 'canary', path: '/x' }],
  ['/fn/acme/shop%40canary/x', { ...live, alias: 'canary', path: '/x' }],
  ['/fn/acme/shop/../other', { ...live, path: '/../other' }],
  ['/fn/acme/shop//double', { ...live, path: '//double' }],
  ['/fn/acme/shop/a_presage/x.y', { ...live, path: '/a_presage/x.y' }],
  ['http://localhost:8080/fn/acme/shop/x', { ...live, path: '/x' }],
])('%s', (url, target) => {
  expect(invocationTargetOf(url, 'localhost:8080')).toEqual(target);
});

test('a host names the function too', () => {
  expect(invocationTargetOf('/a?b=c', 'Shop.acme.fn.localhost:8080')).toEqual({ ...live, path: '/a?b=c' });
  expect(invocationTargetOf('/v1/functions', 'shop.acme.fn.localhost')).toEqual({ ...live, path: '/v1/functions' });
});

test('everything else is not an invocation', () => {
  for (const url of ['/', '/v1/functions', '/fn', '/fnord/x', '/livez']) {
    expect(invocationTargetOf(url, 'localhost:8080')).toBeUndefined();
  }
  expect(invocationTargetOf('*', 'localhost')).toBeUndefined();
  expect(invocationTargetOf('/', undefined)).toBeUndefined();
});

test.each(['/fn/', '/fn/acme', '/fn/acme/', '/fn//shop', '/fn/acme?x=/y'])('%s names no function', (url) => {
  expect(() => invocationTargetOf(url, 'localhost')).toThrow(expect.objectContaining({ code: 'function_not_found' }));
});

test.each(['.fn.localhost', 'a.b.c.fn.localhost', 'shop.fn.localhost'])('the host %s names no function', (host) => {
  expect(() => invocationTargetOf('/', host)).toThrow(expect.objectContaining({ code: 'function_not_found' }));
});

test.each([
  '/fn/acme/shop/_presage/health',
  '/fn/acme/shop/%5Fpresage/after-restore',
  '/fn/acme/shop/%5fPRESAGE/x',
  '/fn/acme/shop//_presage/x',
  '/fn/acme/shop/./_presage',
  '/fn/acme/shop/a/../_presage/x',
  '/fn/acme/shop/\\_presage/x',
  '/fn/acme/shop/%2f_presage/x',
  '/fn/acme/shop/_presage?x=1',
])('%s is refused', (url) => {
  expect(() => invocationTargetOf(url, 'localhost')).toThrow(expect.objectContaining({ code: 'forbidden' }));
});

test('a broken escape in the name is the caller’s mistake, in the path the function’s business', () => {
  expect(() => invocationTargetOf('/fn/acme/shop%E0%A4%A', 'localhost')).toThrow(
    expect.objectContaining({ code: 'invalid_argument' }),
  );
  expect(invocationTargetOf('/fn/acme/shop/%E4%zz', 'localhost')).toEqual({ ...live, path: '/%E4%zz' });
});

test('whatever follows the name reaches the function unchanged', () => {
  const segment = fc.stringMatching(/^[A-Za-z0-9~!$&'()*+,;=:-]{1,8}$/);
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), fc.option(segment), (segments, query) => {
      const path = `/${segments.join('/')}${query === null ? '' : `?${query}`}`;
      expect(invocationTargetOf(`/fn/acme/shop${path}`, undefined)).toEqual({ ...live, path });
    }),
  );
});
