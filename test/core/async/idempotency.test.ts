import fc from 'fast-check';
import { idempotencyKeyOf, requestFingerprint } from '../../../core/async/idempotency';

test.each([
  ['"8e03978e-40d5-43e8-bc93-6894a57f9324"', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
  ['bare-key_1', 'bare-key_1'],
  [' "with space" ', 'with space'],
  ['"a \\"quoted\\" \\\\ one"', 'a "quoted" \\ one'],
])('%s is the key %s', (header, key) => {
  expect(idempotencyKeyOf(header)).toBe(key);
});

test('without the header there is none', () => {
  expect(idempotencyKeyOf(undefined)).toBeNull();
});

test.each(['', '""', '"open', 'two words', '"a", "b"', 'a,b', '"é"', `"${'x'.repeat(256)}"`, '"bad \\n escape"'])(
  '%j is refused',
  (header) => {
    expect(() => idempotencyKeyOf(header)).toThrow(expect.objectContaining({ code: 'invalid_argument', status: 400 }));
  },
);

test('what the draft’s form carries comes out again', () => {
  const key = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), minLength: 1, maxLength: 200 }); // prettier-ignore
  fc.assert(
    fc.property(key, (text) => {
      expect(idempotencyKeyOf(`"${text.replace(/["\\]/g, '\\$&')}"`)).toBe(text);
    }),
  );
});

test('the fingerprint tells requests apart by each of their parts', () => {
  const part = fc.string({ maxLength: 8 });
  const request = fc.record({ method: part, alias: part, path: part, contentType: part, bodyHash: part });
  fc.assert(
    fc.property(request, request, (a, b) => {
      expect(requestFingerprint(a) === requestFingerprint(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
  const base = { method: 'ab', alias: 'c', path: '/', contentType: '', bodyHash: '' };
  expect(requestFingerprint(base)).not.toBe(requestFingerprint({ ...base, method: 'a', alias: 'bc' }));
});
