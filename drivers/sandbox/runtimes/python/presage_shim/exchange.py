"""Request as handlers see it, and what a handler returns as a response."""
import io

BODY_CAP = 10 * 1024 * 1024
JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


class RequestError(Exception):
    """An error whose answer is the caller's to know."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status = status
        self.code = code


class Fields(dict):
    """Query or form fields: the first value of each name; `getlist` gives all."""

    def __init__(self, text):
        from urllib.parse import parse_qsl

        self.lists = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            self.lists.setdefault(name, []).append(value)
        super().__init__({name: values[0] for name, values in self.lists.items()})

    def getlist(self, name):
        return list(self.lists.get(name, ()))


class Request:
    """One request. The body is read when it is first asked for: `data`, `form` and `get_json` hold up to 10 MB of it,
    `stream` (a binary file) gives all of it piece by piece."""

    def __init__(self, method, target, headers, body):
        self.method = method
        self.full_path = target
        path, _, self.query_string = target.partition("?")
        self.raw_path = path
        self.headers = headers
        self.stream = io.BufferedReader(body, 65536)
        deadline = headers.get("x-presage-deadline")
        #: Unix milliseconds at which the platform stops waiting; None where nobody said.
        self.deadline = int(deadline) if deadline else None
        self.invocation_id = headers.get("x-presage-invocation")
        self._connection = body.connection
        self._cache = {}

    def _once(self, name, make):
        if name not in self._cache:
            self._cache[name] = make()
        return self._cache[name]

    @property
    def cancelled(self):
        """True once the caller has gone: nobody will read the answer. Ask in long work."""
        return self._connection.gone()

    @property
    def path(self):
        if "%" not in self.raw_path:
            return self.raw_path
        from urllib.parse import unquote

        return unquote(self.raw_path)

    @property
    def content_type(self):
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def args(self):
        return self._once("args", lambda: Fields(self.query_string))

    @property
    def data(self):
        return self._once("data", self._read)

    @property
    def form(self):
        is_form = self.content_type == "application/x-www-form-urlencoded"
        return self._once("form", lambda: Fields(self.data.decode() if is_form else ""))

    def get_json(self, force=False, silent=False):
        """The body as JSON; None where the content type says otherwise (unless `force`) or it is empty.
        @raises RequestError 400 where it is not valid (None if `silent`)"""
        kind = self.content_type
        if not (force or kind == "application/json" or kind.endswith("+json")) or not self.data:
            return None
        import json

        try:
            return self._once("json", lambda: json.loads(self.data))
        except ValueError as error:
            if silent:
                return None
            raise RequestError(400, "invalid_argument", "The body is not valid JSON: %s" % error) from None

    def _read(self):
        data = self.stream.read(BODY_CAP + 1)
        if len(data) <= BODY_CAP:
            return data
        while self.stream.read(65536):  # to its end all the same: a caller who still sends would not hear the answer
            pass
        raise RequestError(413, "payload_too_large", "The body is larger than %d bytes; read request.stream instead" % BODY_CAP)


def to_response(value, run):
    """(status, headers, body) of what a handler returned. `run` waits for a coroutine."""
    status, headers = 200, []
    if isinstance(value, tuple):
        if not 2 <= len(value) <= 3:
            raise TypeError("a handler's tuple is (body, status) or (body, status, headers)")
        status = int(value[1])
        given = value[2] if len(value) == 3 else {}
        headers = [(str(name), str(item)) for name, item in (given.items() if hasattr(given, "items") else given)]
        value = value[0]
    kind, body = _body(value, run)
    if kind and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("content-type", kind))
    return status, headers, body


def _body(value, run):
    if isinstance(value, str):
        return TEXT, value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "application/octet-stream", bytes(value)
    if value is None:
        return None, b""
    if isinstance(value, (dict, list, int, float, bool)):
        import json

        return JSON, json.dumps(value).encode()
    if hasattr(value, "__anext__"):
        return TEXT, _pieces(_from_async(value, run))
    if hasattr(value, "__next__") or hasattr(value, "read"):
        return TEXT, _pieces(value)
    raise TypeError("a handler cannot return %s; return str, bytes, dict, list, a generator or a tuple" % type(value).__name__)


def _pieces(items):
    try:
        for item in items:
            yield item.encode() if isinstance(item, str) else bytes(item)
    finally:
        if hasattr(items, "close"):
            items.close()


def _from_async(items, run):
    end = object()

    async def step():
        try:
            return await items.__anext__()
        except StopAsyncIteration:
            return end

    try:
        while True:
            item = run(step())
            if item is end:
                return
            yield item
    finally:
        if hasattr(items, "aclose"):
            run(items.aclose())


def positional(function):
    """How many positional arguments a handler takes: 1 = request, 2 = WSGI. By hand, for `inspect` costs 10 ms."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    bound = getattr(function, "__self__", None) is not None
    code = getattr(function, "__code__", None)
    if code is None:
        code = getattr(getattr(type(function), "__call__", None), "__code__", None)
        bound = True
    return code.co_argcount - (1 if bound else 0) if code else 1


def is_async(function):
    """Whether it is an `async def`, with or without `yield`."""
    code = getattr(function, "__code__", None) or getattr(getattr(type(function), "__call__", None), "__code__", None)
    return bool(code and code.co_flags & (0x80 | 0x200))


def call_wsgi(app, request):
    """Runs a WSGI application. @returns (status, headers, body)"""
    import sys

    environ = {"REQUEST_METHOD": request.method, "SCRIPT_NAME": "", "PATH_INFO": request.path.encode().decode("latin-1"),
               "QUERY_STRING": request.query_string, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
               "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
               "wsgi.input": request.stream, "wsgi.errors": sys.stderr, "wsgi.multithread": True,
               "wsgi.multiprocess": False, "wsgi.run_once": False, "wsgi.input_terminated": True}
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key] = value
    started, written = [], []

    def start_response(status, headers, exc_info=None):
        started[:] = [int(status.split(" ", 1)[0]), list(headers)]
        return written.append

    result = app(environ, start_response)
    pieces = _pieces(result)
    if not started:  # a generator: it calls start_response on its first step
        written.append(next(pieces, b""))
    if isinstance(result, (list, tuple)):
        return started[0], started[1], b"".join(written) + b"".join(pieces)
    return started[0], started[1], _joined(written, pieces)


def _joined(first, rest):
    yield from first
    yield from rest
