import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ShimProcess, type ShimRuntime } from './shim-process';

const HEADERS = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'presage=b7ad6b7169203331,vendor=1',
};
const OWN = HEADERS.traceparent.replace('b7ad', 'c0de');

const nodeFunction = `
import http, { get, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
const heard = (make) => new Promise((resolve, reject) => {
  const call = make((response) => response.on('data', () => undefined).on('end', resolve));
  call.on('error', reject);
  return call.end();
});
const ways = {
  fetch: (url) => fetch(url),
  'fetch-own': (url) => fetch(url, { headers: { TraceParent: '${OWN}' } }),
  'http-get': (url) => heard((done) => http.get(url, done)),
  'named-get': (url) => heard((done) => get(url, done)),
  request: (url) => heard((done) => request(url, { method: 'POST', agent: new http.Agent({ keepAlive: true }) }, done)),
  'request-own': (url) => heard((done) => request(url, { headers: { traceparent: '${OWN}' } }, done)),
  later: async (url) => { await sleep(5); return fetch(url); },
};
export const handler = async (req) => {
  const { way, url } = req.query;
  await ways[way](url);
  return 'called';
};`;
const pythonFunction = `
import urllib.request

def connection(url):
    import http.client
    host = url.split('/')[2]
    call = http.client.HTTPConnection(host)
    call.putrequest('GET', '/')
    call.endheaders()
    call.getresponse().read()

async def handler(request):
    way, url = request.args['way'], request.args['url']
    if way == 'urllib':
        urllib.request.urlopen(url).read()
    elif way == 'urllib-own':
        urllib.request.urlopen(urllib.request.Request(url, headers={'TraceParent': '${OWN}'})).read()
    else:
        connection(url)
    return 'called'
`;

function listening(heard: IncomingHttpHeaders[]): Promise<Server> {
  const server = createServer((request, response) => {
    heard.push(request.headers);
    response.end('ok');
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe.each<[ShimRuntime, Record<string, string>, string[], string[]]>([
  ['nodejs', { 'index.mjs': nodeFunction }, ['fetch', 'http-get', 'named-get', 'request', 'later'], ['fetch-own', 'request-own']], // prettier-ignore
  ['python', { 'main.py': pythonFunction }, ['urllib', 'connection'], ['urllib-own']],
])('calls of a %s function to the gateway', (runtime, files, plain, own) => {
  let [gateway, elsewhere]: Server[] = [];
  let shim: ShimProcess;
  const heard: IncomingHttpHeaders[] = [];

  beforeAll(async () => {
    [gateway, elsewhere] = [await listening(heard), await listening(heard)];
    shim = await new ShimProcess(runtime, { files, env: { PRESAGE_GATEWAY_URL: urlOf(gateway) } }).ready();
  });
  afterAll(async () => {
    await shim.close();
    for (const server of [gateway, elsewhere]) {
      server?.closeAllConnections();
      server?.close();
    }
  });

  /** What the server hears when the function, asked with these headers, calls it. */
  async function called(way: string, server: Server | undefined, headers: Record<string, string> = HEADERS) {
    heard.length = 0;
    const url = encodeURIComponent(`${urlOf(server as Server)}/`);
    const answer = await shim.ask(`/?way=${way}&url=${url}`, { headers });
    expect([answer.text, heard.length]).toEqual(['called', 1]);
    const { traceparent, tracestate } = heard[0] as IncomingHttpHeaders;
    return { traceparent, tracestate };
  }

  test.each(plain)('go on with the trace of the request that makes them: %s', async (way) => {
    expect(await called(way, gateway)).toEqual(HEADERS);
    expect(await called(way, gateway, {})).toEqual({ traceparent: undefined, tracestate: undefined });
    expect(await called(way, elsewhere)).toEqual({ traceparent: undefined, tracestate: undefined });
  });

  test.each(own)('keep a trace that the function gives them: %s', async (way) => {
    expect(await called(way, gateway)).toEqual({ traceparent: OWN, tracestate: undefined });
  });
});
