import { loadConfig, type ConfigInput } from '../../workers/config';

const redis = (settings: ConfigInput['redis']) => loadConfig({}, { redis: settings }).redis;

test('there is no Redis unless one is named', () => {
  expect(loadConfig({}).redis).toEqual({ cluster: false, prefix: 'presage:', timeout: 50 });
});

test('by environment: one, or several of a cluster', () => {
  expect(loadConfig({ PRESAGE__REDIS__URL: 'rediss://u:p@redis:6380/2' }).redis.url).toEqual([
    'rediss://u:p@redis:6380/2',
  ]);
  const env = { PRESAGE__REDIS__URL: 'redis://a:1, redis://b:2', PRESAGE__REDIS__CLUSTER: 'true' };
  expect(loadConfig(env).redis).toMatchObject({ url: ['redis://a:1', 'redis://b:2'], cluster: true });
  expect(loadConfig({ PRESAGE__REDIS__URL: '["redis://a:1"]' }).redis.url).toEqual(['redis://a:1']);
});

test.each([
  [{ url: 'redis.example:6379' }, /redis\.url\.0: .*must with redis:\/\//],
  [{ url: 'not a url' }, /redis\.url\.0: is no URL/],
  [{ url: 'http://redis' }, /begins with http:\/\//],
  [{ url: 'redis://redis/zero' }, /no number of a database/],
  [{ url: '' }, /names no Redis/],
  [{ url: ['redis://a', 'redis://b'] }, /names 2 servers: set redis\.cluster/],
  [{ cluster: true }, /redis\.url: is missing/],
  [{ url: 'redis://a', caFile: 'ca.pem' }, /redis\.caFile: is for rediss:/],
  [{ url: 'redis://a/1', cluster: true }, /the database 0 alone/],
  [{ url: 'redis://a', cluster: true, sentinelMaster: 'main' }, /redis\.sentinelMaster/],
  [{ url: 'redis://a', prefix: 'with space' }, /redis\.prefix/],
  [{ url: 'redis://a', timeout: '2s' }, /redis\.timeout: must be 5ms to 1s/],
] as [ConfigInput['redis'], RegExp][])('%j is refused', (settings, message) => {
  expect(() => redis(settings)).toThrow(message);
});

test('no password is ever in the message', () => {
  expect(() => redis({ url: 'redis//:hush@a' })).toThrow(/^(?!.*hush).*redis\.url/);
});
