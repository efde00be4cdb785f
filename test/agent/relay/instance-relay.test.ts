import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { PassThrough, type Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { createRelayDialer } from '../../../gateway/upstream/relay-dialer';
import type { UpstreamHandler, UpstreamRequest } from '../../../gateway/upstream/upstream-connection';
import { UpstreamPool } from '../../../gateway/upstream/upstream-pool';
import type { AgentTlsSettings } from '../../../agent/rpc/agent-tls';
import { until } from '../agent-harness';
import { RelayBench } from './relay-bench';

/** More than the sockets in between hold. */
const LAST_WORDS = `${'x'.repeat(8 * 2 ** 20)} last words`;

let bench: RelayBench;
const pools: UpstreamPool[] = [];

beforeAll(async () => (bench = await RelayBench.open()));
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.destroy();
});
afterAll(() => bench.close());

function poolOf(instanceId: string, tls: AgentTlsSettings = bench.gateway, gatewayId = 'g1'): UpstreamPool {
  const dial = createRelayDialer({ tls, gatewayId })(bench.relay.address, instanceId, () => undefined);
  const pool = new UpstreamPool(dial);
  pools.push(pool);
  return pool;
}

interface Sent {
  readonly status: number;
  readonly text: string;
}

/** Sends a request; `on` is told beside what is kept. */
function send(
  pool: UpstreamPool,
  request: Partial<UpstreamRequest> = {},
  on: Partial<UpstreamHandler> = {},
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let text = '';
    pool.dispatch(
      { method: 'GET', path: '/', headers: [], body: null, ...request },
      {
        onConnect: (abort) => on.onConnect?.(abort),
        onHeaders: (code, headers, resume, reason) => {
          status = code;
          on.onHeaders?.(code, headers, resume, reason);
        },
        onData: (chunk) => {
          text += chunk.toString();
          return on.onData?.(chunk) ?? true;
        },
        onComplete: () => resolve({ status, text }),
        onUpgrade: (headers, socket) => on.onUpgrade?.(headers, socket),
        onError: reject,
      },
    );
  });
}

async function opened(pool: UpstreamPool): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    void send(pool, { webSocket: true }, { onUpgrade: (_headers, socket) => resolve(socket) }).catch(reject);
  });
}

test('requests reach the instance by one connection, one after the other', async () => {
  let connections = 0;
  const server = await bench.instance('plain', (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => response.end(`${request.method} ${request.url} ${body}`));
  });
  server.on('connection', () => connections++);
  const pool = poolOf('plain');
  expect(await send(pool, { path: '/a' })).toEqual({ status: 200, text: 'GET /a ' });
  const body = new PassThrough();
  body.end('said');
  expect(await send(pool, { method: 'POST', path: '/b', body })).toEqual({ status: 200, text: 'POST /b said' });
  expect(connections).toBe(1);
});

test('a stream comes piece by piece, and what the caller does not want any more ends at the instance', async () => {
  let left = 0;
  await bench.instance('sse', (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    request.socket.once('close', () => left++);
  });
  const pool = poolOf('sse');
  const first = await new Promise<{ text: string; abort: () => void }>((resolve, reject) => {
    let abort = (): void => undefined;
    void send(
      pool,
      {},
      {
        onConnect: (stop) => (abort = stop),
        onData: (chunk) => {
          resolve({ text: chunk.toString(), abort });
          return true;
        },
      },
    ).catch(reject);
  });
  expect(first.text).toBe('data: 1\n\n');
  first.abort();
  await until('the instance knows', () => left === 1);
});

test('who reads slowly holds the instance back, and gets all of it', async () => {
  const TOTAL = 64 * 2 ** 20;
  let written = 0;
  await bench.raw('flood', (socket) => {
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${TOTAL}\r\n\r\n`);
      const piece = Buffer.alloc(2 ** 18, 'x');
      const more = (): void => {
        while (written < TOTAL) {
          written += piece.length;
          if (!socket.write(piece)) return void socket.once('drain', more);
        }
      };
      more();
    });
  });
  let got = 0;
  let resume = (): void => undefined;
  let held = true;
  const answer = new Promise<void>((resolve, reject) => {
    poolOf('flood').dispatch(
      { method: 'GET', path: '/', headers: [], body: null },
      {
        onConnect: () => undefined,
        onHeaders: (_status, _headers, goOn) => void (resume = goOn),
        onData: (chunk) => {
          got += chunk.length;
          return !held;
        },
        onComplete: resolve,
        onUpgrade: () => undefined,
        onError: reject,
      },
    );
  });
  await until('the first bytes are here', () => got > 0);
  let before = -1;
  await until('the instance is held back', async () => {
    const still = written === before;
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return still && written === before;
  });
  expect(written).toBeLessThan(TOTAL / 2);
  held = false;
  resume();
  await answer;
  expect(got).toBe(TOTAL);
});

test('a WebSocket goes both ways, and the end of either direction is passed on alone', async () => {
  const said: string[] = [];
  let instance: Socket | undefined;
  await bench.raw('ws', (socket) => {
    instance = socket;
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\nhello');
      socket.on('data', (chunk: Buffer) => said.push(chunk.toString()));
      // Answers after the other side has said its last word.
      socket.once('end', () => {
        socket.write(LAST_WORDS);
        socket.end('.');
      });
    });
  });
  const socket = await opened(poolOf('ws'));
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString())).resume();
  socket.write('one');
  await until('it is heard', () => said.join('') === 'one' && heard === 'hello');
  socket.end('two');
  await once(socket, 'close');
  expect(said.join('')).toBe('onetwo');
  expect(heard).toHaveLength('hello'.length + LAST_WORDS.length + 1);
  expect(heard.endsWith('words.')).toBe(true);
  await until('the instance is rid of it', () => instance?.destroyed === true);
});

test('an instance that breaks off breaks off at the gateway, and one that is gone was sent nothing', async () => {
  await bench.raw('dying', (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
      setTimeout(() => socket.destroy(), 20);
    });
  });
  await expect(send(poolOf('dying'))).rejects.toThrow('the instance closed the connection');
  let connected = false;
  const gone = send(poolOf('gone'), {}, { onConnect: () => void (connected = true) });
  await expect(gone).rejects.toThrow(/the relay refused: HTTP\/1\.1 503/);
  expect(connected).toBe(false);
});

test('given back, an instance has no connection left, though the gateway has not closed its own yet', async () => {
  await bench.instance('freed', (_request, response) => response.end('here'));
  const pool = poolOf('freed');
  let lost = 0;
  pool.onLost = () => lost++;
  expect((await send(pool)).text).toBe('here');
  const { size } = bench.sockets;
  bench.relay.cut('freed');
  await until('the connection is closed at both ends', () => bench.sockets.size === size - 1 && lost === 1);
  expect((await send(pool)).text).toBe('here');
});

test.each<[string, () => Promise<Sent>, RegExp]>([
  ['an instance that is not there', () => send(poolOf('unknown')), /refused: HTTP\/1\.1 404/],
  ['an instance that another gateway has', () => send(poolOf('plain', bench.gateway, 'g2')), /refused: HTTP\/1\.1 403/],
  ['a certificate of another agent', () => send(poolOf('plain', { ...bench.agent, serverName: 'far-1.node.presage' })), /refused: HTTP\/1\.1 403.*not one of a gateway/], // prettier-ignore
  ['a relay of another node', () => send(poolOf('plain', { ...bench.gateway, serverName: 'far-2.node.presage' })), /does not match certificate/], // prettier-ignore
])('%s is refused, and nothing is sent', async (_, attempt, message) => {
  await expect(attempt()).rejects.toThrow(message);
});

test('who shows no certificate, and who wants anything but CONNECT, gets nowhere', async () => {
  const { host, port } = bench.relay.address;
  const ca = readFileSync(bench.gateway.ca);
  const speak = async (text: string, identity: { cert?: Buffer; key?: Buffer }): Promise<string> => {
    const socket = connectTls({ host, port, ca, servername: 'far-1.node.presage', ...identity });
    let heard = '';
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    const closed = new Promise<string>((resolve) => {
      socket.once('error', (error) => resolve(error.message));
      socket.once('close', () => resolve(heard));
    });
    socket.write(text);
    return closed;
  };
  expect(await speak('CONNECT plain:80 HTTP/1.1\r\nhost: plain\r\npresage-gateway: g1\r\n\r\n', {})).toMatch(/certificate required|ECONNRESET/); // prettier-ignore
  const own = { cert: readFileSync(bench.gateway.cert), key: readFileSync(bench.gateway.key) };
  expect(await speak('GET / HTTP/1.1\r\nhost: plain\r\n\r\n', own)).toMatch(/^HTTP\/1\.1 405 /);
  expect(await speak('CONNECT ../etc:80 HTTP/1.1\r\nhost: x\r\npresage-gateway: g1\r\n\r\n', own)).toMatch(/^HTTP\/1\.1 400 /); // prettier-ignore
});
