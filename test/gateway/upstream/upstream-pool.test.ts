import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { PassThrough, type Duplex } from 'node:stream';
import type { UpstreamRequest } from '../../../gateway/upstream/upstream-connection';
import { UpstreamPool } from '../../../gateway/upstream/upstream-pool';
import { until } from '../gateway-harness';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

async function serve(
  listener: RequestListener,
): Promise<{ server: Server; pool: UpstreamPool; connections: () => number }> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  let connections = 0;
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pool = new UpstreamPool({ kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  closers.push(() => {
    void pool.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { server, pool, connections: () => connections };
}

function send(pool: UpstreamPool, request: Partial<UpstreamRequest> = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let body = '';
    pool.dispatch(
      { method: 'GET', path: '/', headers: [], body: null, ...request },
      {
        onConnect: () => undefined,
        onHeaders: (code) => void (status = code),
        onData: (chunk) => ((body += chunk.toString()), true),
        onComplete: () => resolve({ status, body }),
        onUpgrade: () => reject(new Error('nobody asked')),
        onError: reject,
      },
    );
  });
}

test('one connection serves request after request, and is free in the turn in which an answer ends', async () => {
  const { pool, connections } = await serve((request, response) => response.end(request.url));
  for (const path of ['/a', '/b', '/c']) expect(await send(pool, { path })).toEqual({ status: 200, body: path });
  expect(connections()).toBe(1);
  await Promise.all([send(pool), send(pool)]);
  expect(connections()).toBe(2);
});

test('a body of unknown length goes in chunks; one that is announced goes as it is', async () => {
  const { pool } = await serve((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () =>
      response.end(`${request.headers['transfer-encoding'] ?? request.headers['content-length']} ${text}`),
    );
  });
  const body = new PassThrough();
  body.write('ab');
  body.end('cd');
  expect((await send(pool, { method: 'POST', body })).body).toBe('chunked abcd');
  const known = new PassThrough();
  known.end('abc');
  const headers = ['Content-Length', '3'];
  expect((await send(pool, { method: 'POST', headers, body: known })).body).toBe('3 abc');
  expect((await send(pool, { method: 'POST' })).body).toBe('0 ');
});

test('an idle connection that the server closes is forgotten, and told', async () => {
  const { server, pool } = await serve((_, response) => response.end('ok'));
  let lost = 0;
  pool.onLost = () => lost++;
  await send(pool);
  server.closeIdleConnections();
  await until(() => lost === 1, 'the loss');
  expect(pool.size).toBe(0);
  expect((await send(pool)).status).toBe(200);
});

test('an idle connection is not trusted as long as the server would keep it', async () => {
  const { pool, connections } = await serve((_, response) => {
    response.setHeader('keep-alive', 'timeout=1');
    response.end('ok');
  });
  await send(pool);
  await send(pool);
  expect(connections()).toBe(2);
});

test('destroy ends what is in flight and resolves when every connection is closed', async () => {
  const { pool } = await serve(() => undefined);
  const answer = send(pool);
  await until(() => pool.size === 1, 'the connection');
  const failed = expect(answer).rejects.toThrow('closed the connection');
  await pool.destroy();
  await failed;
  expect(pool.size).toBe(0);
});

test('a WebSocket has a connection of its own, which goes to its handler with what came early', async () => {
  const { server, pool, connections } = await serve((_, response) => response.end('ok'));
  server.on('upgrade', (request, socket: Duplex) => {
    const { connection, upgrade } = request.headers;
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: ${connection}\r\nupgrade: ${upgrade}\r\n\r\nearly,`);
    socket.pipe(socket);
  });
  await send(pool);
  const socket = await new Promise<Duplex>((resolve, reject) => {
    pool.dispatch(
      { method: 'GET', path: '/', headers: [], body: null, webSocket: true },
      {
        onConnect: () => undefined,
        onHeaders: () => reject(new Error('an ordinary answer')),
        onData: () => true,
        onComplete: () => reject(new Error('an ordinary answer')),
        onUpgrade: (_, upgraded) => resolve(upgraded),
        onError: reject,
      },
    );
  });
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  socket.resume().write('late');
  await until(() => heard === 'early,late', 'the echo');
  expect([connections(), pool.size]).toEqual([2, 2]);
  await send(pool);
  expect(connections()).toBe(2);
  socket.destroy();
  await until(() => pool.size === 1, 'the end of the WebSocket');
});

test('the connection of a WebSocket that was refused is not used again', async () => {
  const { pool, connections } = await serve((_, response) => response.writeHead(403).end('no'));
  expect(await send(pool, { webSocket: true })).toEqual({ status: 403, body: 'no' });
  await until(() => pool.size === 0, 'the end of the connection');
  await send(pool);
  expect(connections()).toBe(2);
});

test('an answer that is no HTTP fails its request and costs the connection', async () => {
  const server = createTcpServer((socket) => void socket.once('data', () => socket.write('garbage\r\n\r\n')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pool = new UpstreamPool({ kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  await expect(send(pool)).rejects.toThrow('not valid HTTP');
  await until(() => pool.size === 0, 'the end of the connection');
  server.close();
});
