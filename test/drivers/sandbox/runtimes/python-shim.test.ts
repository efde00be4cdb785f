import { request as httpRequest } from 'node:http';
import { pythonFunction } from './python-function';
import { ShimProcess, type ShimOptions } from './shim-process';

describe('the python shim alone', () => {
  const open: ShimProcess[] = [];

  async function start(options: Partial<ShimOptions> = {}): Promise<ShimProcess> {
    const shim = new ShimProcess('python', { files: { 'main.py': pythonFunction }, ...options });
    open.push(shim);
    return shim.ready();
  }

  afterEach(async () => {
    for (const shim of open.splice(0)) await shim.close();
  });

  test('async handlers, async generators, responses of WSGI frameworks', async () => {
    const shim = await start();
    const numbers = [...Array(10).keys()];
    const asked = numbers.map((n) =>
      shim.ask(`/async-tagged?n=${n}`, { headers: { 'x-presage-invocation': `inv-${n}` } }),
    );
    for (const answer of await Promise.all(asked)) expect(answer.text).toBe('ok');
    for (const n of numbers) expect((await shim.line(`async ${n}`)).invocationId).toBe(`inv-${n}`);
    expect((await shim.ask('/astream')).text).toBe('part0\npart1\npart2\n');
    const made = await shim.ask('/wsgi-response', { method: 'DELETE' });
    expect([made.status, made.headers['content-type'], made.text]).toEqual([201, 'text/x-made', 'made by DELETE']);
  });

  test.each(['a function', 'a generator'])('serves a WSGI application: %s', async (name) => {
    const files = {
      'main.py': `
def app(environ, start_response):
    body = environ['wsgi.input'].read()
    start_response('202 Accepted', [('content-type', 'text/plain'), ('x-path', environ['PATH_INFO'])])
    text = b'%s %s %s' % (environ['REQUEST_METHOD'].encode(), environ['QUERY_STRING'].encode(), body)
    ${name === 'a function' ? 'return [text]' : 'yield text'}
`,
    };
    const shim = await start({ files, handler: 'main.app' });
    const answer = await shim.ask('/a/b?x=1', { body: 'hello' });
    expect([answer.status, answer.headers['x-path'], answer.text]).toEqual([202, '/a/b', 'POST x=1 hello']);
  });

  test('serves a WSGI application that is an object, and modules in folders', async () => {
    const files = {
      'web/site.py': `
class App:
    def __call__(self, environ, start_response):
        start_response('200 OK', [])
        return [b'object']
app = App()
`,
    };
    const shim = await start({ files, handler: 'web/site.app' });
    expect((await shim.ask('/')).text).toBe('object');
  });

  test("a connection error of the function's own is its failure, not the caller's", async () => {
    const shim = await start();
    const answer = await shim.ask('/refused');
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([500, 'handler_failed']);
    await shim.line(/the database is away/);
  });

  test('an error in a thread is logged; sys.exit ends the instance', async () => {
    const shim = await start();
    expect((await shim.ask('/in-thread')).text).toBe('ok');
    await shim.line(/in a thread/);
    await expect(shim.ask('/sys-exit')).rejects.toThrow();
    expect((await shim.ended()).code).toBe(9);
  });

  test('a WebSocket is refused, and it is said who can', async () => {
    const shim = await start();
    const answer = await shim.ask('/object', { headers: { connection: 'upgrade', upgrade: 'websocket' } });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([501, 'unsupported']);
    expect(answer.text).toContain('nodejs');
  });

  test('a handler can tell that its caller has gone', async () => {
    const files = {
      'main.py': `
import time

def handler(request):
    print('begun, cancelled: %s' % request.cancelled)
    while not request.cancelled:
        time.sleep(0.01)
    print('given up')
    return 'nobody'
`,
    };
    const shim = await start({ files });
    const { endpoint } = shim;
    const caller = httpRequest({ socketPath: endpoint.kind === 'unix' ? endpoint.path : '', path: '/' }).end();
    caller.on('error', () => undefined);
    await shim.line('begun, cancelled: False');
    caller.destroy();
    await shim.line('given up');
  });

  test('what a handler cannot return is said in its log', async () => {
    const shim = await start({ files: { 'main.py': 'def handler(request):\n    return object()\n' } });
    expect((await shim.ask('/')).status).toBe(500);
    await shim.line(/a handler cannot return object/);
  });

  test('a header with a line break is refused', async () => {
    const files = { 'main.py': "def handler(request):\n    return 'x', 200, {'x-a': 'b\\r\\nx-evil: 1'}\n" };
    const shim = await start({ files });
    const answer = await shim.ask('/');
    expect([answer.status, answer.headers['x-evil']]).toEqual([500, undefined]);
  });
});
