import { hashApiKey } from '../../../core/crypto/api-key';
import { KeyAuthenticator } from '../../../gateway/auth/key-authenticator';

const headers = { authorization: 'Bearer psk_good' };

function setUp(maxEntries = 100) {
  const state = {
    now: 0,
    date: 0,
    calls: 0,
    away: false,
    validUntil: null as Date | null,
    used: [] as string[],
    known: new Set([hashApiKey('psk_good')]),
  };
  const store = {
    findApiKey: (hash: string) => {
      state.calls++;
      if (state.away) return Promise.reject(new Error('connection refused'));
      return Promise.resolve(
        state.known.has(hash) ? { id: 'k1', tenant: 'acme', scopes: ['invoke'], validUntil: state.validUntil } : null,
      );
    },
  };
  return {
    state,
    auth: new KeyAuthenticator(store, {
      now: () => state.now,
      date: () => state.date,
      used: (id, at) => void state.used.push(`${id} ${at}`),
      maxEntries,
    }),
  };
}

test('asks the store once per key and time to live, also for many at once', async () => {
  const { state, auth } = setUp();
  await Promise.all(Array.from({ length: 20 }, () => auth.authenticate(headers)));
  expect(state.calls).toBe(1);
  expect(auth.authenticateCached(headers)).toEqual({
    keyId: 'k1',
    credential: 'key',
    tenant: 'acme',
    scopes: ['invoke'],
  });
  state.now = 10_001;
  await auth.authenticate(headers);
  expect(state.calls).toBe(2);
});

test('a revoked key is refused after the time to live', async () => {
  const { state, auth } = setUp();
  await auth.authenticate(headers);
  state.known.clear();
  state.now = 10_001;
  await expect(auth.authenticate(headers)).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('an unknown key is remembered only shortly, so that a new key works soon', async () => {
  const { state, auth } = setUp();
  const other = { 'x-api-key': 'psk_new' };
  await expect(auth.authenticate(other)).rejects.toMatchObject({ code: 'unauthenticated' });
  await expect(auth.authenticate(other)).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(state.calls).toBe(1);
  state.known.add(hashApiKey('psk_new'));
  state.now = 2_001;
  await expect(auth.authenticate(other)).resolves.toMatchObject({ tenant: 'acme' });
});

test('while the store is away, known keys stay good for a while and unknown ones get 503', async () => {
  const { state, auth } = setUp();
  await auth.authenticate(headers);
  state.away = true;
  state.now = 60_000;
  await expect(auth.authenticate(headers)).resolves.toMatchObject({ tenant: 'acme' });
  await expect(auth.authenticate({ 'x-api-key': 'psk_new' })).rejects.toMatchObject({ code: 'unavailable' });
  state.now = 400_000;
  await expect(auth.authenticate(headers)).rejects.toMatchObject({ code: 'unavailable' });
});

test('a flood of made-up keys does not grow the cache', async () => {
  const { state, auth } = setUp(10);
  for (let i = 0; i < 30; i++) {
    await expect(auth.authenticate({ 'x-api-key': `psk_${i}` })).rejects.toMatchObject({ code: 'unauthenticated' });
  }
  expect(state.calls).toBe(30);
  await expect(auth.authenticate({ 'x-api-key': 'psk_0' })).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(state.calls).toBe(31);
});

test('no key, no entry', async () => {
  const { auth } = setUp();
  await expect(auth.authenticate({})).rejects.toMatchObject({ code: 'unauthenticated', status: 401 });
});

test('a key is refused from the moment it expires, cached or not, and while the store is away', async () => {
  const { state, auth } = setUp();
  state.validUntil = new Date(5_000);
  await auth.authenticate(headers);
  state.date = 4_999;
  expect(auth.authenticateCached(headers)).toMatchObject({ keyId: 'k1' });
  state.date = 5_000;
  await expect(auth.authenticate(headers)).rejects.toMatchObject({ code: 'unauthenticated' });
  state.away = true;
  state.now = 20_000;
  await expect(auth.authenticate(headers)).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(state.used).toEqual(['k1 0', 'k1 4999']);
});
