import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpWebhookSender } from '../../../drivers/webhook/http/http-webhook-sender';

let server: http.Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const seen: { headers: IncomingMessage['headers']; body: string }[] = [];

beforeAll(async () => {
  server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      seen.push({ headers: request.headers, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => seen.splice(0));

const port = (): number => (server.address() as AddressInfo).port;
const send = (url = `http://127.0.0.1:${port()}/hook`, options: { timeoutMs?: number; allowPrivate?: boolean } = {}) =>
  new HttpWebhookSender({ timeoutMs: 2_000, allowPrivate: true, ...options }).send({
    url,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': 'sha256=abc' },
    body: Buffer.from('{"percent":90}'),
  });
const status = (code: number, headers: Record<string, string> = {}) => {
  answer = (_request, response) => response.writeHead(code, headers).end('x'.repeat(100_000));
};

test('the body arrives as it was signed', async () => {
  status(204);
  expect(await send()).toEqual({ status: 204, errorCode: null, retryAfterMs: null, error: null });
  expect(seen[0]).toMatchObject({
    body: '{"percent":90}',
    headers: { 'content-length': '14', 'x-hub-signature-256': 'sha256=abc', 'user-agent': 'presage' },
  });
});

test('what it answers is an end, and when it wants to be asked again counts', async () => {
  status(503, { 'retry-after': '7' });
  expect(await send()).toEqual({ status: 503, errorCode: null, retryAfterMs: 7_000, error: 'it answered 503' });
  status(410);
  expect(await send()).toMatchObject({ status: 410, error: 'it answered 410' });
});

test('redirections are not followed', async () => {
  status(302, { location: `http://127.0.0.1:${port()}/other` });
  expect(await send()).toMatchObject({ status: null, errorCode: 'unsupported' });
  expect(seen).toHaveLength(1);
});

test('one that hangs is given up after its time', async () => {
  answer = () => undefined;
  const began = Date.now();
  expect(await send(undefined, { timeoutMs: 150 })).toMatchObject({
    status: null,
    errorCode: null,
    error: 'it did not answer within 0.15 s',
  });
  expect(Date.now() - began).toBeLessThan(1_500);
});

test('one that answers and then never ends holds nothing up', async () => {
  answer = (_request, response) => void response.writeHead(200).write('x');
  expect(await send()).toMatchObject({ status: 200, error: null });
});

test('nobody there is told as it is', async () => {
  const closed = http.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.on('listening', resolve));
  const { port: free } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  expect(await send(`http://127.0.0.1:${free}`)).toMatchObject({ status: null, errorCode: null, error: expect.stringContaining('ECONNREFUSED') as string }); // prettier-ignore
});

test.each(['http://127.0.0.1', 'http://localhost', 'http://[::1]', 'https://169.254.169.254/latest', 'http://0x7f.1'])(
  'what is inside is out of reach: %s',
  async (url) => {
    status(204);
    const target = url.startsWith('https') ? url : `${url}:${port()}`;
    expect(await send(target, { allowPrivate: false })).toMatchObject({ status: null, errorCode: 'forbidden' });
    expect(seen).toEqual([]);
  },
);
