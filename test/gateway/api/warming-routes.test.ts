import { makeHarness, type Harness } from './api-harness';

let api: Harness;
beforeEach(async () => {
  api = await makeHarness();
});
afterEach(() => api.close());

const change = (payload: object, key = api.operatorKey) => api.call('PUT', '/v1/warming', { key, payload });

test('before anything is chosen the configured policy decides', async () => {
  expect((await api.call('GET', '/v1/warming')).body).toEqual({
    live: 'presage',
    challenger: null,
    previous: null,
    probation: 0,
    reverted: [],
    generation: 0,
    verdicts: [],
  });
});

test('an operator puts a policy in force, and lets another challenge it', async () => {
  expect((await change({ challenger: 'hybrid-histogram:4h' })).body).toMatchObject({
    live: 'presage',
    challenger: 'hybrid-histogram:4h',
    generation: 1,
  });
  expect((await change({ live: 'fixed:10m', ifGeneration: 1 })).body).toMatchObject({
    live: 'fixed:10m',
    previous: 'presage',
    challenger: 'hybrid-histogram:4h',
    generation: 2,
  });
  expect((await change({ live: 'none', ifGeneration: 1 })).status).toBe(412);
  expect((await change({ challenger: null })).body).toMatchObject({ challenger: null, live: 'fixed:10m' });
});

test('what is no policy, or no change, is refused with what would be one', async () => {
  const wrong = await change({ live: 'presages', challenger: 'fixed:9w', colour: 1 });
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain('choose among none, greedy-dual, presage, seed');
  expect(wrong.text).toContain('the time must be from 1s to 24h');
  expect(wrong.text).toContain('colour');
  expect((await change({})).text).toContain('nothing is to change');
  expect((await api.call('GET', '/v1/warming')).body).toMatchObject({ generation: 0 });
});

test('others may look, but not choose, and see no prices of all tenants', async () => {
  await api.store.writePolicyVerdict(
    {
      ...{ runId: 'r', workflowId: 'w', decision: 'keep', reason: 'it stays', from: new Date(0), to: new Date(60_000) },
      prices: [{ policy: 'presage', calls: 3, price: 9 }],
    },
    null,
  );
  expect((await change({ live: 'none' }, api.acmeKey)).status).toBe(403);
  expect((await api.call('GET', '/v1/warming')).body).toMatchObject({ verdicts: [] });
  expect((await api.call('GET', '/v1/warming', { key: api.operatorKey })).body).toMatchObject({
    verdicts: [
      { decision: 'keep', to: '1970-01-01T00:01:00.000Z', prices: [{ policy: 'presage', calls: 3, price: 9 }] },
    ],
  });
});
