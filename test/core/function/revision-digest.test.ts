import fc from 'fast-check';
import { parseManifest } from '../../../core/function/manifest';
import { canonicalJson, revisionDigest } from '../../../core/function/revision-digest';

const spec = (change: object = {}) =>
  parseManifest({
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name: 'hello' },
    spec: { runtime: 'nodejs', handler: 'index.handler', ...change },
  }).spec;
const code = { digest: 'sha256:a', kind: 'layer' } as const;

/** The same value with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([key, field]) => [key, reversed(field)])); // prettier-ignore
}

test('the order of keys is no part of a value, everything else is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('fields that are undefined are left out, in arrays they are null', () => {
  expect(canonicalJson({ b: undefined, a: [undefined, 1] })).toBe('{"a":[null,1]}');
});

test('code and configuration make the digest; defaults written out change nothing', () => {
  const digest = revisionDigest(spec(), code);
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(revisionDigest(spec({ concurrency: 1, network: 'egress' }), code)).toBe(digest);
  const others = [
    revisionDigest(spec({ concurrency: 2 }), code),
    revisionDigest(spec({ env: { A: '1' } }), code),
    revisionDigest(spec(), { ...code, digest: 'sha256:b' }),
    revisionDigest(spec(), { ...code, kind: 'oci' }),
  ];
  expect(new Set([digest, ...others]).size).toBe(5);
});
