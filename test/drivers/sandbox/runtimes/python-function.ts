/** The function that the tests of both shims talk to, for Python. */
export const pythonFunction = `
import asyncio, os, random, sys, threading, time, uuid

def stream(request):
    for part in range(3):
        yield 'part%d\\n' % part
        time.sleep(0.02)

async def astream(request):
    for part in range(3):
        yield 'part%d\\n' % part
        await asyncio.sleep(0.02)

def tagged(request):
    n = request.args['n']
    for step in range(5):
        sys.stdout.write('begin ' + n)
        time.sleep(0.003)
        print(' end ' + n)
        print('error ' + n, file=sys.stderr)
    return 'ok'

async def async_tagged(request):
    n = request.args['n']
    await asyncio.sleep(0.005)
    print('async ' + n)
    return 'ok'

def pipe(request):
    while True:
        piece = request.stream.read1(65536)
        if not piece:
            return
        yield piece

def size(request):
    total = 0
    while True:
        piece = request.stream.read(65536)
        if not piece:
            return {'bytes': total}
        total += len(piece)

def throw(request):
    raise RuntimeError('secret reason')

def throw_late(request):
    yield 'half'
    raise RuntimeError('after the head')

def flood(request):
    for _ in range(int(request.args['lines'])):
        print('x' * 99)
    return 'flooded'

def slow(request):
    time.sleep(int(request.args['ms']) / 1000)
    return 'slept'

def abort(request):
    print('waiting')
    try:
        while True:
            yield 'x' * 1000
            time.sleep(0.005)
    finally:
        print('aborted')

def in_thread(request):
    def fail():
        raise RuntimeError('in a thread')
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    return 'ok'

def wsgi_response(request):
    def respond(environ, start_response):
        start_response('201 Created', [('content-type', 'text/x-made')])
        return [b'made by ', environ['REQUEST_METHOD'].encode()]
    return respond

ROUTES = {
    '/object': lambda request: {'a': 1},
    '/text': lambda request: 't\\u00ebxt',
    '/bytes': lambda request: bytes([0, 1, 255]),
    '/status': lambda request: ({'short': True}, 418, {'x-tea': 'pot'}),
    '/request': lambda request: {'method': request.method, 'path': request.path, 'query': {k: request.args.getlist(k) if len(request.args.getlist(k)) > 1 else v for k, v in request.args.items()}, 'agent': request.headers.get('User-Agent'), 'deadline': request.deadline},
    '/json': lambda request: {'got': request.get_json()},
    '/form': lambda request: {'got': request.form},
    '/data': lambda request: {'bytes': len(request.data)},
    '/size': size, '/pipe': pipe, '/stream': stream, '/astream': astream,
    '/big': lambda request: b'x' * (10 * 1024 * 1024),
    '/tagged': tagged, '/async-tagged': async_tagged, '/in-thread': in_thread, '/wsgi-response': wsgi_response,
    '/unfinished': lambda request: sys.stdout.write('no newline') and 'ok',
    '/throw': throw, '/throw-late': throw_late, '/flood': flood, '/slow': slow, '/wait-abort': abort,
    '/refused': lambda request: (_ for _ in ()).throw(ConnectionRefusedError('the database is away')),
    '/exit': lambda request: os._exit(7),
    '/sys-exit': lambda request: sys.exit(9),
    '/long-line': lambda request: print('y' * 100000) or 'ok',
    '/random': lambda request: [random.random(), str(uuid.uuid4()), str(uuid.uuid1())],
}
random.seed(42)
restored = []

def handler(request):
    return ROUTES[request.path](request)

def before_checkpoint():
    if os.environ.get('FAIL') == 'before':
        raise RuntimeError('not now')
    print('before hook')

async def after_restore():
    await asyncio.sleep(0.05)
    if os.environ.get('FAIL') == 'after':
        raise RuntimeError('cannot wake')
    restored.append(1)
    print('after hook %d' % len(restored))

print('loading')
`;
