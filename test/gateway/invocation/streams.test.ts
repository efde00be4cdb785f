import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { startHarness, until, type Harness } from '../gateway-harness';

let harness: Harness;
afterEach(() => harness.close());

/** A function whose answer is decided by the test. */
async function withHandler(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  spec: Record<string, unknown> = {},
): Promise<void> {
  harness = await startHarness(spec);
  harness.agent.handler = handler;
}

test('the start clock ends the wait for an instance, and tells when to come back', async () => {
  await withHandler((_, response) => response.end('ok'), { timeouts: { start: '80ms' } });
  harness.agent.onAcquire = () => new Promise(() => undefined);
  const answer = await harness.call('/fn/acme/f');
  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBe('1');
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'capacity' });
  expect(await harness.recordOf(answer)).toMatchObject({ kind: null, executeMs: 0 });
});

test('a caller who leaves a stream ends it for the function, and the instance serves on', async () => {
  let left = false;
  await withHandler((request, response) => {
    if (request.url === '/next') return void response.end('ok');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const talk = setInterval(() => response.write('data: x\n\n'), 10);
    response.on('close', () => {
      clearInterval(talk);
      left = true;
    });
  });
  const request = httpRequest({ host: '127.0.0.1', port: harness.port, path: '/fn/acme/f' }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  await once(response, 'data');
  expect(harness.door.admission.inFlight).toBe(1);
  request.destroy();
  await until(() => left, 'the end at the function');
  expect(await until(() => harness.records[0], 'the record')).toMatchObject({ status: 200, errorCode: null });
  await until(() => harness.door.admission.inFlight === 0, 'the free place');
  expect(await harness.call('/fn/acme/f/next')).toMatchObject({ status: 200, body: 'ok' });
  expect(harness.agent.acquired).toHaveLength(1);
});

test('a gateway that stops lets streams end within the grace', async () => {
  await withHandler((_, response) => {
    response.write('begun,');
    setTimeout(() => response.end('ended'), 150);
  });
  const answer = harness.call('/fn/acme/f');
  await until(() => harness.handler.inFlight === 1, 'the stream');
  await harness.server.close(5_000);
  expect(await answer).toMatchObject({ status: 200, body: 'begun,ended' });
});

test('callers gone from a connection with requests sent ahead are all noticed', async () => {
  let left = 0;
  await withHandler((_, response) => void response.on('close', () => left++), { concurrency: 10 });
  const socket = connect(harness.port, '127.0.0.1');
  socket.write('GET /fn/acme/f HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3));
  await until(() => harness.door.admission.inFlight === 3, 'three requests');
  await until(() => harness.agent.instances[0], 'the instance');
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.destroy();
  await until(() => left === 3 && harness.handler.inFlight === 0, 'the end of all three');
});
