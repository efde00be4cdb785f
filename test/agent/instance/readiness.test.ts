import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { awaitReady } from '../../../agent/instance/readiness';
import type { Endpoint } from '../../../drivers/sandbox/sandbox';

let folder: string;
const servers: Server[] = [];
beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'ready-'))));
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true });
});

const unix = (): Endpoint => ({ kind: 'unix', path: path.join(folder, 'http.sock') });
const listen = (server: Server, where: string | number): void => {
  servers.push(server);
  server.listen(where);
};
const forever = new AbortController().signal;

describe('awaitReady', () => {
  it('takes what listens already', async () => {
    listen(createServer(), path.join(folder, 'http.sock'));
    const options = { endpoints: [unix()], healthPath: null, timeoutMs: 5_000, signal: forever };
    expect(await awaitReady(options)).toEqual(unix());
  });

  it('notices a socket that appears later', async () => {
    const ready = awaitReady({ endpoints: [unix()], healthPath: null, timeoutMs: 5_000, signal: forever });
    setTimeout(() => listen(createServer(), path.join(folder, 'http.sock')), 60);
    expect(await ready).toEqual(unix());
  });

  it('takes the endpoint that the function chose to listen on', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => servers[servers.push(server) - 1]?.listen(0, '127.0.0.1', resolve));
    const tcp: Endpoint = { kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    const options = { endpoints: [unix(), tcp], healthPath: null, timeoutMs: 5_000, signal: forever };
    expect(await awaitReady(options)).toEqual(tcp);
  });

  it('waits until the health path answers well', async () => {
    let asked = 0;
    const server = createHttpServer((request, response) => {
      asked += 1;
      response.writeHead(request.url === '/healthz' && asked > 2 ? 204 : 503).end();
    });
    listen(server, path.join(folder, 'http.sock'));
    await awaitReady({ endpoints: [unix()], healthPath: '/healthz', timeoutMs: 5_000, signal: forever });
    expect(asked).toBe(3);
  });

  it('gives up after its time', async () => {
    const options = { endpoints: [unix()], healthPath: null, timeoutMs: 60, signal: forever };
    await expect(awaitReady(options)).rejects.toMatchObject({ code: 'start_timeout' });
  });

  it('gives up at once when the sandbox ends', async () => {
    const exit = new AbortController();
    const ready = awaitReady({ endpoints: [unix()], healthPath: null, timeoutMs: 60_000, signal: exit.signal });
    const reason = new Error('exited');
    exit.abort(reason);
    await expect(ready).rejects.toBe(reason);
  });
});
