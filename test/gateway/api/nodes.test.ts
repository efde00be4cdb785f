import { sampleBeat } from '../../drivers/store/node-contract';
import { sampleInstance } from '../../drivers/store/sample-records';
import { makeHarness, type Harness } from './api-harness';

let api: Harness;
beforeEach(async () => (api = await makeHarness()));
afterEach(() => api.close());

const call = (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) =>
  api.call(method, url, { key: api.operatorKey, ...(payload ? { payload } : {}) });
const events = async () => (await api.store.events({ tenant: null })).items.map(({ type, node }) => [type, node]);

test('all nodes are listed: those that were heard, and those that only the configuration names', async () => {
  await api.store.beatNode(sampleBeat({ name: 'edge-1' }));
  const { body } = await call('GET', '/v1/nodes');
  expect(body).toMatchObject({
    items: [
      { name: 'edge-1', region: 'eu', state: 'ready', capacity: { slots: 8 }, lastSeenAt: expect.any(String) },
      { name: 'local', region: 'local', state: 'ready', capacity: null, lastSeenAt: null },
    ],
    next: null,
  });
  expect((await call('GET', '/v1/nodes/edge-1')).body).toMatchObject({
    address: 'unix:/run/edge.sock',
    decided: 'ready',
  });
  expect((await call('GET', '/v1/nodes/local')).status).toBe(200);
  expect((await call('GET', '/v1/nodes/nobody')).status).toBe(404);
});

test('they are for operators', async () => {
  for (const [method, url] of [
    ['GET', '/v1/nodes'],
    ['GET', '/v1/nodes/local'],
    ['POST', '/v1/nodes/local/cordon'],
    ['POST', '/v1/nodes/local/drain'],
    ['DELETE', '/v1/nodes/local'],
  ] as const) {
    expect([url, (await api.call(method, url)).status]).toEqual([url, 403]);
  }
});

test('one is cordoned and uncordoned, with a reason and an event', async () => {
  await api.store.beatNode(sampleBeat({ name: 'edge-1' }));
  expect((await call('POST', '/v1/nodes/edge-1/cordon', { reason: 'repair' })).body).toMatchObject({
    state: 'cordoned',
    reason: 'repair',
  });
  await call('POST', '/v1/nodes/edge-1/cordon');
  expect((await call('POST', '/v1/nodes/edge-1/uncordon')).body).toMatchObject({ state: 'ready', reason: null });
  expect(await events()).toEqual([['node.cordoned', 'edge-1'], ['node.uncordoned', 'edge-1']]); // prettier-ignore
  await api.store.setNodeState('edge-1', 'draining');
  expect((await call('POST', '/v1/nodes/edge-1/cordon')).status).toBe(412);
  expect((await call('POST', '/v1/nodes/nobody/cordon')).status).toBe(404);
});

test('a drain is a workflow’s; nothing happens while Temporal is away', async () => {
  await api.store.beatNode(sampleBeat({ name: 'edge-1' }));
  const answer = await call('POST', '/v1/nodes/edge-1/drain', { reason: 'new kernel' });
  expect([answer.status, answer.body['workflowId']]).toEqual([202, 'drain/edge-1']);
  expect(api.workflows.drains).toEqual([{ node: 'edge-1', why: 'new kernel' }]);
  api.workflows.away = true;
  expect((await call('POST', '/v1/nodes/edge-1/drain')).status).toBe(503);
});

test('only one that is drained or lost is taken out, and its instances are closed', async () => {
  await api.store.beatNode(sampleBeat({ name: 'edge-1' }));
  await api.store.upsertInstances([sampleInstance({ id: 'i1', node: 'edge-1' })]);
  expect((await call('DELETE', '/v1/nodes/edge-1')).status).toBe(412);
  await api.store.setNodeState('edge-1', 'drained');
  expect((await call('DELETE', '/v1/nodes/edge-1')).status).toBe(204);
  expect((await call('GET', '/v1/nodes/edge-1')).status).toBe(404);
  expect(await api.store.instances({ node: 'edge-1' })).toMatchObject([{ state: 'gone', reason: 'node-lost' }]);
  expect(await events()).toEqual([['node.removed', 'edge-1']]);
});

test('metrics and status say where nodes stand and what state they are in', async () => {
  api.node.state = 'cordoned';
  const { text } = await api.call('GET', '/metrics', { key: null });
  expect(text).toContain('presage_node_state{node="local",tier="central",region="local",state="cordoned"} 1');
  expect(text).toContain('presage_node_state{node="local",tier="central",region="local",state="ready"} 0');
  expect((await call('GET', '/v1/status')).body).toMatchObject({ nodes: [{ region: 'local', state: 'cordoned' }] });
});
