import { apiKeyOf, hashApiKey, isBearerOfOurs, newApiKey } from '../../../gateway/auth/api-key';

test('a new key is random, recognisable and stored as its hash', () => {
  const one = newApiKey();
  const other = newApiKey();
  expect(one.key).toMatch(/^psk_[\w-]{43}$/);
  expect(one.key.startsWith(one.prefix)).toBe(true);
  expect(one.hash).toBe(hashApiKey(one.key));
  expect(one.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(other.key).not.toBe(one.key);
});

test.each([
  [{ authorization: 'Bearer psk_abc' }, 'psk_abc'],
  [{ authorization: 'bearer psk_abc' }, 'psk_abc'],
  [{ 'x-api-key': 'psk_abc' }, 'psk_abc'],
  [{ authorization: 'Basic dXNlcg==', 'x-api-key': 'psk_abc' }, 'psk_abc'],
  [{ authorization: 'Bearer eyJhbGciOi' }, undefined],
  [{ 'x-api-key': 'someone-elses' }, undefined],
  [{}, undefined],
])('finds the key in %j', (headers, key) => {
  expect(apiKeyOf(headers)).toBe(key);
});

test('tells our bearer tokens from those of a function', () => {
  expect(isBearerOfOurs('Bearer psk_x')).toBe(true);
  expect(isBearerOfOurs('Bearer token')).toBe(false);
});
