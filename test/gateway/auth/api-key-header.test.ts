import { apiKeyOf, isApiKey, isBearerOfOurs } from '../../../gateway/auth/api-key-header';

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
  expect(isApiKey('psk_x')).toBe(true);
  expect(isApiKey('sk_x')).toBe(false);
});
