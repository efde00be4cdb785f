import { sampleWarmth } from '../../drivers/store/warming-contract';
import { makeHarness, type Harness } from './api-harness';

let api: Harness;
let functionId: string;
beforeEach(async () => {
  api = await makeHarness();
  functionId = await api.makeFunction('acme', 'pay');
});
afterEach(() => api.close());

const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 4, 5, minute));
const decide = (minute: number, frozen: number) =>
  api.store.writeWarmth([
    sampleWarmth({
      functionId,
      tenant: 'acme',
      function: 'pay',
      at: at(minute),
      steps: [{ after: 0, running: 0, frozen }],
    }),
  ]);

test('what is held now and why, and the decisions before', async () => {
  for (const minute of [1, 2, 3]) await decide(minute, minute);
  const { status, body } = await api.call('GET', '/v1/functions/pay/warmth', { query: { limit: '2' } });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    function: 'pay',
    at: at(3).toISOString(),
    policy: 'fixed:10m',
    ready: 3,
    granted: { local: 2, 'edge-1': 0 },
    capped: true,
    reason: 'rests of its 3 instances are worth their price',
    history: { items: [{ ready: 3 }, { ready: 2 }] },
  });
  const { next } = body['history'] as unknown as { next: string };
  const second = await api.call('GET', '/v1/functions/pay/warmth', { query: { limit: '2', cursor: next } });
  expect(second.body).toMatchObject({ ready: 3, history: { items: [{ ready: 1 }], next: null } });
});

test('a function of which nothing was decided says when that will be', async () => {
  expect(await api.call('GET', '/v1/functions/pay/warmth')).toMatchObject({
    status: 404,
    body: {
      detail: 'Nothing has been decided for pay yet.',
      hint: expect.stringContaining('first full minute') as string,
    },
  });
});
