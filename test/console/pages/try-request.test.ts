import { readRequest, served, type TypedRequest } from '../../../console/src/pages/function/try-request';

const typed = (change: Partial<TypedRequest> = {}): TypedRequest => ({
  ...{ method: 'POST', path: '/orders?limit=5', headers: '', body: '', alias: 'live', async: false },
  ...change,
});
const read = (change: Partial<TypedRequest> = {}) => readRequest('/fn/acme/pay/', typed(change));

test('a request is sent as it is typed; JSON names itself', () => {
  expect(read({ headers: 'x-test: a: b\n\n Accept:text/plain', body: '{"a": 1}' })).toEqual({
    ...{ url: '/fn/acme/pay/orders?limit=5', method: 'POST', body: '{"a": 1}', problems: {} },
    headers: [['x-test', 'a: b'], ['Accept', 'text/plain'], ['content-type', 'application/json']], // prettier-ignore
  });
  expect(read({ alias: 'canary', async: true })).toMatchObject({
    url: '/fn/acme/pay@canary/orders?limit=5',
    headers: [['prefer', 'respond-async']],
  });
  expect(read({ headers: 'content-type: text/plain', body: 'no JSON' }).problems).toEqual({});
});

test.each([
  [{ path: 'orders' }, 'path', 'write e.g. /orders'],
  [{ path: '/or ders' }, 'path', '%20'],
  [{ headers: 'x-test' }, 'headers', 'line 1: write "Name: value"'],
  [{ headers: 'ok: 1\nhost: example.com' }, 'headers', 'line 2: browsers do not let host be set'],
  [{ headers: 'authorization: Bearer x' }, 'headers', 'from your login'],
  [{ headers: 'x-test: ✓' }, 'headers', 'characters that headers cannot carry'],
  [{ body: '{"a": 1,\n "b": }' }, 'body', 'is not JSON'],
  [{ body: '{"a": 1,\n "b": }' }, 'body', 'content-type: text/plain'],
  [{ method: 'GET', body: '{}' }, 'body', 'GET has no body'],
] as const)('%j is told at the field %s', (change, field, text) => {
  const { problems } = read(change);
  expect(Object.keys(problems)).toEqual([field]);
  expect(problems[field]).toContain(text);
});

test('all problems are told at once', () => {
  expect(Object.keys(read({ path: 'x', headers: 'y', body: '{' }).problems)).toEqual(['path', 'headers', 'body']);
});

test('an answer says how it was served', () => {
  const headers = new Map([
    ['x-presage-start', 'cold'],
    ['x-presage-cause', 'first'],
    ['x-presage-platform-ms', '12.5'],
    ['x-request-id', 'i'],
  ]);
  expect(served((name) => headers.get(name) ?? null)).toEqual({
    ...{ kind: 'cold', cause: 'first', revision: null, node: null, platformMs: 12.5, id: 'i' },
  });
  expect(served(() => null)).toMatchObject({ kind: null, platformMs: null, id: null });
});
