import type { Socket } from 'node:net';
import { FakeAgent } from '../fake-agent';
import { startHarness, until, type Harness } from '../gateway-harness';
import { rawClient, webSocketRequest } from '../raw-client';

const ROUND_TRIP_MS = 60;
const network = { latency: { eu: { local: ROUND_TRIP_MS } } };
const fromEurope = { headers: { 'x-presage-region': 'eu' } };

let harness: Harness;
afterEach(() => harness.close());

test('a request from afar takes its round trip, one from here does not come that way', async () => {
  harness = await startHarness({}, { network });
  const far = await harness.recordOf(await harness.call('/fn/acme/f', fromEurope));
  // Less would mean that it was not on its way: more says nothing.
  expect(far.executeMs).toBeGreaterThanOrEqual(ROUND_TRIP_MS - 1);
  const near = await harness.call('/fn/acme/f');
  expect(near.status).toBe(200);
});

test('body and answer come whole and in order', async () => {
  harness = await startHarness({}, { network });
  harness.agent.handler = (request, response) => void request.pipe(response);
  const body = Buffer.alloc(9_000_000, 'abcdefg');
  const answer = await harness.call('/fn/acme/f', { ...fromEurope, method: 'POST', body });
  expect([answer.status, answer.body === body.toString()]).toEqual([200, true]);
});

test('who leaves on the way gives the instance back', async () => {
  harness = await startHarness({}, { network: { latency: { eu: { local: 1_000 } } } });
  let seen = 0;
  harness.agent.handler = (_, response) => {
    seen++;
    response.end();
  };
  await harness.call('/fn/acme/f');
  const client = await rawClient(harness.port);
  client.send('GET /fn/acme/f HTTP/1.1\r\nhost: x\r\nx-presage-region: eu\r\n\r\n');
  await until(() => harness.handler.inFlight === 1, 'the request');
  client.socket.destroy();
  await until(() => harness.handler.inFlight === 0, 'its end');
  expect((await until(() => harness.records[1], 'its record')).status).toBe(499);
  expect((await harness.call('/fn/acme/f')).status).toBe(200);
  expect(seen).toBe(2);
});

test('an instance that breaks off is told of as one that is near', async () => {
  harness = await startHarness({}, { network });
  harness.agent.handler = (request) => void request.socket.destroy();
  expect((await harness.call('/fn/acme/f', { ...fromEurope, method: 'POST', body: 'x' })).status).toBe(502);
});

test('a WebSocket speaks across the distance, and ends there', async () => {
  const agent = new FakeAgent();
  let closed = false;
  agent.upgrade = (_request, socket: Socket) => {
    socket.on('error', () => undefined);
    socket.on('close', () => (closed = true));
    socket.on('end', () => socket.end());
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.on('data', (chunk) => socket.write(`echo ${chunk.toString()}`));
  };
  harness = await startHarness({}, { agent, network });
  const client = await rawClient(harness.port);
  client.send(webSocketRequest('/fn/acme/f', ['x-presage-region: eu']));
  await client.hears('\r\n\r\n');
  client.send('one');
  await client.hears('echo one');
  client.socket.end();
  await client.ended();
  await until(() => closed, 'the end at the function');
  expect(await until(() => harness.records[0], 'the record')).toMatchObject({ status: 101, bytesIn: 3 });
});
