import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureReseed } from '../../../../drivers/sandbox/runc/setup/ensure-reseed';
import { waitFor } from '../wait-for';
import { ask } from '../ask';
import { nodeFunction } from './node-function';
import { ShimProcess, type ShimOptions } from './shim-process';

describe('the nodejs shim alone', () => {
  const open: ShimProcess[] = [];

  function launch(options: ShimOptions): ShimProcess {
    const shim = new ShimProcess('nodejs', options);
    open.push(shim);
    return shim;
  }

  afterEach(async () => {
    for (const shim of open.splice(0)) await shim.close();
  });

  test.each([
    ['a .mjs file', { 'index.mjs': 'export const handler = () => ({ esm: true });' }, 'index.handler'],
    [
      'type: module',
      {
        'package.json': '{"type":"module"}',
        'src/main.js': 'export default { run: async () => ({ esm: await 1 === 1 }) };',
      },
      'src/main.run',
    ],
    [
      'top-level await and a default export',
      { 'index.mjs': 'const esm = await Promise.resolve(true); export default () => ({ esm });' },
      'index.default',
    ],
    ['a .cjs file', { 'package.json': '{"type":"module"}', 'a.cjs': 'exports.go = () => ({ esm: true })' }, 'a.go'],
  ])('loads %s', async (_name, files: Record<string, string>, handler) => {
    const shim = await launch({ files, handler }).ready();
    expect((await shim.ask('/')).text).toBe('{"esm":true}');
  });

  test('a handler may return the response that it is still writing to', async () => {
    const files = { 'index.js': 'exports.handler = async (req, res) => { await null; return req.pipe(res); };' };
    const shim = await launch({ files }).ready();
    const answer = await shim.ask('/', { body: 'piped', headers: { 'content-type': 'application/octet-stream' } });
    expect([answer.status, answer.text]).toEqual([200, 'piped']);
  });

  describe('WebSockets', () => {
    const files = {
      'index.js': `
        exports.handler = (req) => 'upgrade: ' + req.headers.upgrade;
        exports.upgrade = async (req, socket, head) => {
          if (req.path === '/throw') throw new Error('no sockets today');
          socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n');
          console.log('open ' + req.query.room);
          req.signal.addEventListener('abort', () => console.log('over'));
          socket.on('data', (piece) => { console.log('heard ' + piece); socket.write('echo ' + piece); });
        };
        exports.afterRestore = () => console.log('awake');`,
    };
    const wish = (target: string, instance = 'first'): string =>
      [
        `GET ${target} HTTP/1.1`,
        'Host: a',
        'Connection: Upgrade',
        'Upgrade: websocket',
        `x-presage-instance: ${instance}`,
        'x-presage-invocation: inv-1',
        '\r\n',
      ].join('\r\n');

    async function open(shim: ShimProcess, text: string) {
      const { endpoint } = shim;
      const socket = connect(endpoint.kind === 'unix' ? endpoint.path : '');
      let heard = '';
      socket.on('data', (piece) => (heard += piece.toString()));
      socket.write(text);
      return { socket, hears: (wanted: string) => waitFor(wanted, () => heard.includes(wanted)) };
    }

    test('go to the export upgrade, with lines and signal of their own', async () => {
      const shim = await launch({ files }).ready();
      const { socket, hears } = await open(shim, wish('/?room=7'));
      await hears('101 Switching Protocols');
      socket.write('one');
      await hears('echo one');
      expect(await shim.line('open 7')).toMatchObject({ invocationId: 'inv-1' });
      expect(await shim.line('heard one')).toMatchObject({ invocationId: 'inv-1' });
      socket.end();
      expect(await shim.line('over')).toMatchObject({ invocationId: 'inv-1' });
      await waitFor('the other end', () => socket.closed);
    });

    test('wait until a clone is itself', async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'presage-reseed-'));
      const reseed = await ensureReseed(folder, () => undefined);
      const shim = await launch({ files, env: { PRESAGE_RESEED: reseed } }).ready();
      rmSync(folder, { recursive: true });
      const { hears } = await open(shim, wish('/?room=8', 'second'));
      await hears('101 Switching Protocols');
      await shim.line('open 8');
      const texts = shim.lines.map(({ text }) => text);
      expect(texts.indexOf('awake')).toBeLessThan(texts.indexOf('open 8'));
      expect(texts).toContain('awake');
    });

    test('are refused where the export throws', async () => {
      const shim = await launch({ files }).ready();
      const { socket, hears } = await open(shim, wish('/throw'));
      await hears('500 Internal Server Error');
      await hears('handler_failed');
      await shim.line(/no sockets today/);
      await waitFor('the end', () => socket.closed);
    });

    test('are requests like others where there is no such export', async () => {
      const shim = await launch({
        files: { 'index.js': "exports.handler = (req) => 'plain ' + req.headers.upgrade;" },
      }).ready();
      const { hears } = await open(shim, wish('/'));
      await hears('plain websocket');
    });
  });

  test('serves a handler that is a whole framework: another prototype, its own body reader', async () => {
    const files = {
      'index.js': `
        const http = require('node:http');
        exports.handler = (req, res) => {
          Object.setPrototypeOf(req, http.IncomingMessage.prototype);
          Object.setPrototypeOf(res, http.ServerResponse.prototype);
          res.writeHead(201, { 'x-made': 'by hand' });
          res.end(JSON.stringify({ body: req.body, parsed: req._body }));
        };`,
    };
    const shim = await launch({ files }).ready();
    const answer = await shim.ask('/', { body: '[1]', headers: { 'content-type': 'application/json' } });
    expect([answer.status, answer.headers['x-made'], answer.text]).toEqual([
      201,
      'by hand',
      '{"body":[1],"parsed":true}',
    ]);
    expect(Number(answer.headers['x-presage-cpu-us'])).toBeGreaterThan(0);
  });

  test('PRESAGE_BODY=stream leaves the body alone', async () => {
    const shim = await launch({ files: { 'index.js': nodeFunction }, env: { PRESAGE_BODY: 'stream' } }).ready();
    const headers = { 'content-type': 'application/json' };
    expect((await shim.ask('/json', { body: '{', headers })).text).toBe('{}');
    expect((await shim.ask('/size', { body: Buffer.alloc(12e6), headers })).text).toBe('{"bytes":12000000}');
  });

  test('a rejected promise that nobody handles is logged, and that is all', async () => {
    const shim = await launch({ files: { 'index.js': nodeFunction } }).ready();
    expect((await shim.ask('/reject')).text).toBe('ok');
    expect((await shim.line(/nobody handled it/)).stream).toBe('stderr');
    expect((await shim.ask('/text')).status).toBe(200);
  });

  test('an error thrown in a callback: its request gets a 500, others their answers, then the instance ends', async () => {
    const shim = await launch({ files: { 'index.js': nodeFunction } }).ready();
    const other = shim.ask('/slow?ms=400');
    const answer = await shim.ask('/throw-callback', { headers: { 'x-presage-invocation': 'inv-c' } });
    expect([answer.status, answer.headers['x-presage-error']]).toEqual([500, 'handler_failed']);
    expect((await other).text).toBe('slept');
    expect(await shim.ended()).toEqual({ code: 70, signal: null });
    expect(shim.lines.find((line) => line.text.includes('in a timer'))?.invocationId).toBe('inv-c');
  });

  test('listeners of the request and of the response write as the request', async () => {
    const files = {
      'index.js': `exports.handler = (req, res) => {
        req.on('data', () => console.log('data'));
        req.on('end', () => { console.log('end'); res.end('ok'); });
        res.on('close', () => console.log('close'));
      };`,
    };
    const shim = await launch({ files }).ready();
    await shim.ask('/', { body: 'x', headers: { 'x-presage-invocation': 'inv-e' } });
    await shim.line('close');
    expect(shim.lines.map((line) => [line.invocationId, line.text])).toEqual([
      ['inv-e', 'data'],
      ['inv-e', 'end'],
      ['inv-e', 'close'],
    ]);
  });

  test('multi-byte text written in pieces arrives whole', async () => {
    const files = {
      'index.js': `exports.handler = () => {
        for (const byte of Buffer.from('grüße €\\n')) process.stdout.write(Buffer.from([byte]));
        return 'ok';
      };`,
    };
    const shim = await launch({ files }).ready();
    await shim.ask('/');
    await shim.line('grüße €');
  });

  test('without the reseed addon it refuses to be cloned, in words', async () => {
    const shim = await launch({ files: { 'index.js': nodeFunction }, env: { PRESAGE_RESEED: '/nowhere' } }).ready();
    const answer = await shim.ask('/_presage/before-checkpoint', { method: 'POST' });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([501, 'unsupported']);
  });

  test('listens on PORT where there is no socket; a taken port is exit 71', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const env = { PRESAGE_SOCKET: '', PORT: String(port), PRESAGE_HOST: '127.0.0.1' };
    const taken = launch({ files: { 'index.js': nodeFunction }, env });
    expect((await taken.ended()).code).toBe(71);
    expect(taken.text()).toContain('cannot listen');
    await new Promise((resolve) => server.close(resolve));
    launch({ files: { 'index.js': nodeFunction }, env });
    const text = await waitFor('an answer', () => ask({ kind: 'tcp', host: '127.0.0.1', port }, '/object'));
    expect(text.text).toBe('{"a":1}');
  });
});
