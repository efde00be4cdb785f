import { PlatformError } from '../../../core/error/platform-error';
import { createMemoryLimiter } from '../../../drivers/limiter/memory/memory-limiter';
import { RateLimits } from '../../../gateway/admission/rate-limits';
import type { TenantLimits } from '../../../core/admission/limits';
import type { LimitRecord } from '../../../drivers/store/limit-store';
import { revisionRecord, silent, startHarness, type Harness } from '../gateway-harness';
import { hashApiKey } from '../../../core/crypto/api-key';

let harness: Harness | undefined;
afterEach(async () => {
  await harness?.close();
  harness = undefined;
});

const minute = (requests: number) => ({ requests, window: '1m' });
const record = (tenant: string, keyId: string | null, limits: TenantLimits): LimitRecord => ({
  tenant,
  keyId,
  limits,
  updatedAt: new Date(0),
});
const keyId = (key: string): string => hashApiKey(key).slice(0, 8);
const withKey = (key: string) => ({ headers: { 'x-api-key': key } });

test('tells what is left, then refuses until the window ends', async () => {
  harness = await startHarness({}, { limits: { rate: minute(2) } });
  const answers = [];
  for (let i = 0; i < 3; i++) answers.push(await harness.call('/fn/acme/f'));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(answers.map(({ headers }) => headers['ratelimit-policy'])).toEqual(Array(3).fill('"tenant";q=2;w=60'));
  expect(answers.map(({ headers }) => String(headers['ratelimit']).split(';t=')[0])).toEqual([
    '"tenant";r=1',
    '"tenant";r=0',
    '"tenant";r=0',
  ]);
  const refused = answers[2];
  const wait = Number(refused?.headers['retry-after']);
  expect(wait).toBeGreaterThan(50);
  expect(wait).toBeLessThanOrEqual(60);
  expect(refused?.headers['ratelimit']).toBe(`"tenant";r=0;t=${wait}`);
  expect(JSON.parse(refused?.body ?? '')).toMatchObject({ status: 429, code: 'rate_limited' });
  expect(harness.door.rates.limited).toEqual({ tenant: 1, key: 0 });
  expect(harness.agent.acquired).toHaveLength(1);
});

test('where no rate is set nothing is told', async () => {
  harness = await startHarness();
  const answer = await harness.call('/fn/acme/f');
  expect(answer.headers['ratelimit']).toBeUndefined();
  expect(answer.headers['ratelimit-policy']).toBeUndefined();
});

test('each key has its own, below its tenant’s; what a key is refused does not cost the others', async () => {
  harness = await startHarness(
    {},
    {
      limitRecords: [
        record('acme', null, { rate: minute(4), keyRate: minute(3) }),
        record('acme', keyId('psk_invoke'), { rate: minute(1) }),
      ],
    },
  );
  const call = async (key: string) => (await harness?.call('/fn/acme/private', withKey(key)))?.status;
  expect([await call('psk_invoke'), await call('psk_invoke'), await call('psk_invoke')]).toEqual([200, 429, 429]);
  expect([await call('psk_admin'), await call('psk_admin'), await call('psk_admin')]).toEqual([200, 200, 200]);
  const last = await harness.call('/fn/acme/private', withKey('psk_everywhere'));
  expect(last.status).toBe(429);
  expect(last.headers['ratelimit-policy']).toBe('"tenant";q=4;w=60');
  expect(harness.door.rates.limited).toEqual({ tenant: 1, key: 2 });
});

test('one tenant’s rate is not another’s', async () => {
  const other = { ...revisionRecord('g', { public: true }), tenant: 'umbrella' };
  harness = await startHarness({}, { revisions: [other], limits: { rate: minute(1) } });
  expect((await harness.call('/fn/acme/f')).status).toBe(200);
  expect((await harness.call('/fn/acme/f')).status).toBe(429);
  expect((await harness.call('/fn/umbrella/g')).status).toBe(200);
});

test('who is not known uses up nothing', async () => {
  harness = await startHarness({}, { limits: { rate: minute(1) } });
  expect((await harness.call('/fn/acme/private')).status).toBe(401);
  expect((await harness.call('/fn/acme/private', withKey('psk_other'))).status).toBe(403);
  expect((await harness.call('/fn/acme/private', withKey('psk_invoke'))).status).toBe(200);
});

test('a limiter that cannot be reached lets requests through', async () => {
  const away = { take: () => Promise.reject(new PlatformError('unavailable', 'away')), close: () => Promise.resolve() };
  const rule = { requests: 1, windowSeconds: 1 };
  const rates = new RateLimits(away, { tenantRate: () => rule, keyRate: () => null }, silent);
  expect(await rates.take('acme', undefined)).toEqual({ headers: {}, error: null });
});

test('a rate that is lowered counts what was', async () => {
  let requests = 5;
  const table = { tenantRate: () => ({ requests, windowSeconds: 60 }), keyRate: () => null };
  const rates = new RateLimits(createMemoryLimiter(), table, silent);
  for (let i = 0; i < 3; i++) expect((await rates.take('acme', undefined))?.error).toBeNull();
  requests = 2;
  expect((await rates.take('acme', undefined))?.error).toMatchObject({ code: 'rate_limited' });
});
