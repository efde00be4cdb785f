import { href, matchRoute } from '../../console/src/app/paths';

const routes = [{ path: '' }, { path: 'functions' }, { path: 'functions/:name' }];

test('an address leads to the page it was made for, whatever its parts are called', () => {
  for (const name of ['hello', 'a b', 'ä/ö?', '100%']) {
    expect(matchRoute(routes, href('functions', name))).toEqual({ route: routes[2], params: { name } });
  }
  expect(href()).toBe('/console/');
  for (const home of ['/console', '/console/']) expect(matchRoute(routes, home)?.route).toBe(routes[0]);
  expect(matchRoute(routes, '/console/functions/')?.route).toBe(routes[1]);
});

test('what no page has is no page, and a broken escape is taken as it is', () => {
  expect(matchRoute(routes, '/console/nothing')).toBeUndefined();
  expect(matchRoute(routes, '/console/functions/a/b')).toBeUndefined();
  expect(matchRoute(routes, '/console/functions/%E0%A4%A')?.params).toEqual({ name: '%E0%A4%A' });
});
