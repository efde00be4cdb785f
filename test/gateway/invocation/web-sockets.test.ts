import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ShimProcess } from '../../drivers/sandbox/runtimes/shim-process';
import { FakeAgent } from '../fake-agent';
import { startHarness, until, type Harness, type HarnessOptions } from '../gateway-harness';
import { rawClient, webSocketRequest, type RawClient } from '../raw-client';

const MIB = 2 ** 20;
let harness: Harness;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await harness.close();
});

type Upgrade = (socket: Socket, head: Buffer, request: IncomingMessage) => void;

/** A function that takes every WebSocket and does with it as the test says. */
async function withFunction(upgrade: Upgrade, spec: object = {}, options: HarnessOptions = {}): Promise<void> {
  const agent = new FakeAgent();
  agent.upgrade = (request, socket, head) => {
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Own: yes\r\n\r\n');
    upgrade(socket, head, request);
  };
  harness = await startHarness(spec as Record<string, unknown>, { agent, ...options });
}

async function open(path = '/fn/acme/f/chat?room=1', headers: string[] = [], ahead = ''): Promise<RawClient> {
  const client = await rawClient(harness.port);
  clients.push(client);
  client.send(webSocketRequest(path, headers) + ahead);
  return client;
}

const record = () => until(() => harness.records[0], 'the record');

test('goes through to the function and back, and is recorded when it is over', async () => {
  let seen: IncomingMessage | undefined;
  await withFunction((socket, _, request) => {
    seen = request;
    socket.on('data', (chunk) => socket.write(`echo ${chunk.toString()}`));
  });
  const client = await open();
  await client.hears('\r\n\r\n');
  expect(client.heard()).toMatch(
    /^HTTP\/1\.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n/,
  );
  // Browsers refuse an answer that says of the connection anything else as well.
  expect(client.heard().match(/^connection:.*$/gim)).toEqual(['connection: Upgrade']);
  expect(client.heard()).toContain('X-Own: yes\r\n');
  expect(client.heard()).toContain('x-presage-start: cold\r\n');
  expect(seen?.url).toBe('/chat?room=1');
  expect(seen?.headers).toMatchObject({
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'x-presage-instance': 'i1',
  });
  client.send('one');
  await client.hears('echo one');
  expect([harness.handler.inFlight, harness.door.admission.inFlight, harness.records.length]).toEqual([1, 1, 0]);
  client.socket.end();
  await client.ended();
  expect(await record()).toMatchObject({
    status: 101,
    errorCode: null,
    bytesIn: 'one'.length,
    bytesOut: 'echo one'.length,
    path: '/chat',
    kind: 'cold',
  });
  await until(() => harness.handler.inFlight === 0 && harness.door.admission.inFlight === 0, 'the free place');
  await until(() => harness.agent.told.length === 1, 'the release');
  expect(harness.agent.told).toEqual([{ kind: 'release', id: 'i1', served: 1 }]);
});

test('a handler file takes them by its export upgrade', async () => {
  const shim = await new ShimProcess('nodejs', {
    files: {
      'index.js': `
        exports.handler = () => 'plain';
        exports.upgrade = (req, socket) => {
          socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n');
          socket.on('data', (piece) => socket.write('echo ' + piece));
        };`,
    },
  }).ready();
  harness = await startHarness();
  const { endpoint } = shim;
  const socketPath = endpoint.kind === 'unix' ? endpoint.path : '';
  harness.agent.onAcquire = () => Promise.resolve(harness.agent.reply({ id: 'first', socketPath }));
  const client = await open();
  await client.hears('101 Switching');
  client.send('one');
  await client.hears('echo one');
  // Its one place is taken: who comes now is served once it is free.
  const plain = harness.call('/fn/acme/f');
  client.socket.end();
  expect(await plain).toMatchObject({ status: 200, body: 'plain' });
  await shim.close();
});

test('what comes with the request, or before the instance is there, is not lost', async () => {
  await withFunction((socket, head) => {
    socket.write(head);
    socket.pipe(socket);
  });
  let start: (() => void) | undefined;
  harness.agent.onAcquire = async () => {
    await new Promise<void>((resolve) => (start = resolve));
    return harness.agent.reply(await harness.agent.start());
  };
  const client = await open('/fn/acme/f', [], 'early,');
  await until(() => start, 'the Acquire');
  client.send('later,');
  start?.();
  client.send('last');
  await client.hears('early,later,last');
});

test('a function that says no is heard', async () => {
  const agent = new FakeAgent();
  agent.upgrade = (_, socket) => {
    const body = 'x'.repeat(300_000);
    socket.end(`HTTP/1.1 403 Forbidden\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  };
  harness = await startHarness({}, { agent });
  const answer = await (await open()).ended();
  expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
  expect(answer).toContain('connection: close');
  expect(answer.split('\r\n\r\n')[1]).toHaveLength(300_000);
  expect(await record()).toMatchObject({ status: 403, bytesOut: 300_000 });
});

test.each([
  ['without a key', '/fn/acme/private', '401', 'unauthenticated'],
  ['for nobody', '/fn/acme/nobody', '401', 'unauthenticated'],
  ['for the control API', '/livez', '200', 'ok'],
])('one %s has an ordinary answer', async (_, path, status, word) => {
  await withFunction((socket) => void socket.end());
  const answer = await (await open(path)).ended();
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toContain(word);
  expect(harness.agent.acquired).toHaveLength(0);
});

test('a wish for another protocol is overheard: the request is served, with its body, and the next one too', async () => {
  harness = await startHarness();
  harness.agent.handler = (request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () =>
      response.end(`<${body}|${[request.headers['http2-settings'], request.headers['x-own']].join('|')}>`),
    );
  };
  const client = await rawClient(harness.port);
  clients.push(client);
  const wish = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk', 'X-Own: kept'];
  const post = ['POST /fn/acme/f HTTP/1.1', 'Host: a', ...wish, 'Content-Length: 300004', '\r\n'].join('\r\n');
  client.send(`${post}begun`);
  await until(() => harness.door.admission.inFlight === 1, 'the request');
  client.send('x'.repeat(299_999));
  await client.hears('||kept>');
  expect(client.heard()).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(client.heard()).toContain('<begunxxx');
  client.send(['GET /fn/acme/f/two HTTP/1.1', 'Host: a', ...wish, '\r\n'].join('\r\n'));
  await client.hears('<||kept>');
  client.send('GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n');
  expect(await client.ended()).toContain('{"status":"ok"}');
  expect(harness.server.connectionsRefused).toBe(0);
});

test('one with a body is refused: nobody could tell the body from what follows', async () => {
  await withFunction((socket) => void socket.end());
  const answer = await (await open('/fn/acme/f', ['Content-Length: 5'], 'GET /')).ended();
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(harness.agent.acquired).toHaveLength(0);
});

test('a caller who does not read holds the function back', async () => {
  let written = 0;
  let full = false;
  await withFunction((socket) => {
    const push = (): void => {
      while (written < 64 * MIB) {
        written += MIB;
        if (!socket.write(Buffer.alloc(MIB, 'x'))) {
          full = true;
          socket.once('drain', push);
          return;
        }
      }
      socket.end();
    };
    push();
  });
  const client = await open();
  await client.hears('\r\n\r\n');
  client.socket.pause();
  let last = { written: -1, at: 0 };
  await until(() => {
    if (written !== last.written) last = { written, at: Date.now() };
    return full && Date.now() - last.at > 100;
  }, 'a full pipe');
  expect(written).toBeLessThan(32 * MIB);
  client.socket.resume();
  await client.ended();
  expect(written).toBe(64 * MIB);
  expect((await record()).bytesOut).toBeGreaterThanOrEqual(64 * MIB);
});

test('a function that does not read holds its caller back', async () => {
  let reader: Socket | undefined;
  await withFunction((socket) => (reader = socket.pause()));
  const client = await open();
  await client.hears('\r\n\r\n');
  let written = 0;
  while (client.socket.write(Buffer.alloc(MIB)) && written < 64 * MIB) written += MIB;
  const taken = (): number => client.socket.bytesWritten - client.socket.writableLength;
  let last = { taken: -1, at: 0 };
  for (let i = 0; i < 31; i++) client.socket.write(Buffer.alloc(MIB));
  await until(() => {
    if (taken() !== last.taken) last = { taken: taken(), at: Date.now() };
    return Date.now() - last.at > 100;
  }, 'a full pipe');
  expect(client.socket.writableLength).toBeGreaterThan(8 * MIB);
  reader?.resume();
  await until(() => client.socket.writableLength === 0, 'the rest taken');
});

test('a caller who vanishes ends it for the function, and the lease is free', async () => {
  const closed: string[] = [];
  await withFunction((socket) => void socket.on('close', () => closed.push('closed')).resume());
  const client = await open();
  await client.hears('\r\n\r\n');
  client.socket.resetAndDestroy();
  await until(() => closed.length === 1, 'the end at the function');
  expect(await record()).toMatchObject({ status: 101, errorCode: null });
  await until(() => harness.agent.told.length === 1, 'the release');
  expect(harness.agent.told[0]).toMatchObject({ kind: 'release' });
});

test('a caller who leaves while it waits for an instance is noticed', async () => {
  await withFunction((socket) => void socket.resume());
  harness.agent.onAcquire = () => new Promise(() => undefined);
  const client = await open();
  await until(() => harness.agent.acquired.length === 1, 'the Acquire');
  client.socket.destroy();
  expect(await record()).toMatchObject({ status: 499, kind: null });
});

test('the idle clock ends it; whatever moves keeps it beyond the total clock', async () => {
  await withFunction((socket) => void socket.pipe(socket), {
    timeouts: { idle: '300ms', total: '400ms', firstByte: '300ms' },
  });
  const client = await open();
  await client.hears('\r\n\r\n');
  for (let i = 0; i < 8; i++) {
    client.send(`${i};`);
    await client.hears(`${i};`);
    await new Promise((resolve) => setTimeout(resolve, 75));
  }
  expect(client.socket.readableEnded).toBe(false);
  await client.ended();
  expect(await record()).toMatchObject({ status: 101 });
  // An idle WebSocket says nothing against its instance.
  await until(() => harness.agent.told.length === 1, 'the release');
  expect(harness.agent.told[0]).toMatchObject({ kind: 'release' });
});

test('the first-byte clock runs until the function has answered the wish', async () => {
  const agent = new FakeAgent();
  agent.upgrade = (_, socket) => void socket.resume();
  harness = await startHarness({ timeouts: { firstByte: '80ms' } }, { agent });
  const answer = await (await open()).ended();
  expect(answer).toMatch(/^HTTP\/1\.1 504 /);
  expect(answer).toContain('function_timeout');
});

test('an instance that is wanted back waits for it, but not for ever', async () => {
  await withFunction((socket) => void socket.pipe(socket), {}, { streamGraceMs: 400 });
  const client = await open();
  await client.hears('\r\n\r\n');
  const withdrawnAt = Date.now();
  harness.agent.listener.withdraw({ instanceId: 'i1', reason: 'deploy' });
  client.send('still here');
  await client.hears('still here');
  expect(harness.agent.told).toEqual([]);
  await client.ended();
  expect(Date.now() - withdrawnAt).toBeGreaterThanOrEqual(350);
  await until(() => harness.agent.told.length === 1, 'the instance given back');
  expect(harness.agent.told).toEqual([{ kind: 'withdrawn', id: 'i1' }]);
});

test('a gateway that stops waits for it up to the grace', async () => {
  await withFunction((socket) => void socket.pipe(socket));
  const client = await open();
  await client.hears('\r\n\r\n');
  const stopped = harness.server.close(300);
  client.send('still here');
  await client.hears('still here');
  await stopped;
  await client.ended();
  expect(await record()).toMatchObject({ status: 101 });
});

test('a function that does not let go of one whose caller has ended is cut off', async () => {
  let cut = false;
  await withFunction((socket) => {
    socket.removeAllListeners('end');
    socket.on('close', () => (cut = true)).resume();
    const talk = setInterval(() => (socket.destroyed ? clearInterval(talk) : socket.write('and on')), 20);
  });
  const client = await open();
  await client.hears('and on');
  client.socket.end();
  expect(await record()).toMatchObject({ status: 101 });
  await until(() => cut, 'the end at the function');
});

test('an instance whose process ends cuts it off', async () => {
  await withFunction((socket) => setTimeout(() => socket.destroy(), 50));
  const client = await open();
  expect(await client.ended()).toContain('101 Switching');
  expect(await record()).toMatchObject({ status: 101 });
});
