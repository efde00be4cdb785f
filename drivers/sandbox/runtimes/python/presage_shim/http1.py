"""HTTP/1.1 as far as one server behind the gateway needs it: keep-alive, chunked both ways, 100-continue."""
import _socket
import io

HEAD_CAP = 64 * 1024
DISCARD_CAP = 1024 * 1024

REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently", 302: "Found",
           303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request",
           401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
           413: "Content Too Large", 422: "Unprocessable Content", 429: "Too Many Requests", 500: "Internal Server Error",
           501: "Not Implemented", 503: "Service Unavailable"}


class CallerGone(ConnectionError):
    """The other end of the connection went away; unlike other connection errors it is not the function's."""


class Headers(dict):
    """Header fields by name, whatever its case."""

    def __getitem__(self, name):
        return super().__getitem__(name.lower())

    def __contains__(self, name):
        return super().__contains__(name.lower())

    def get(self, name, default=None):
        return super().get(name.lower(), default)


class Connection:
    """One connection from the gateway: reads requests one after another."""

    def __init__(self, sock):
        self.sock = sock
        self.pending = b""
        self.busy = False
        self.body = None

    def fill(self):
        try:
            data = self.sock.recv(65536)
        except OSError as error:
            raise CallerGone(str(error)) from None
        if not data:
            raise CallerGone("the caller went away")
        self.pending += data

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise CallerGone(str(error)) from None

    def gone(self):
        """Whether the caller has closed the connection. What it has sent ahead stays where it is."""
        try:
            return not self.pending and self.sock.recv(1, _socket.MSG_PEEK | _socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def read_until(self, mark, cap=HEAD_CAP):
        start = 0
        while True:
            end = self.pending.find(mark, start)
            if end >= 0:
                taken, self.pending = self.pending[:end], self.pending[end + len(mark):]
                return taken
            if len(self.pending) > cap:
                raise ValueError("the head is too large")
            start = max(0, len(self.pending) - len(mark) + 1)
            self.fill()

    def read_head(self):
        """Method, target, headers, whether the connection stays open. @raises CallerGone, ValueError"""
        lines = self.read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        method, target, version = lines[0].split(" ")
        headers = Headers()
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise ValueError("a header line is not valid")
            name, value = name.lower(), value.strip()
            if name in headers:
                value = headers[name] + ("; " if name == "cookie" else ", ") + value
            dict.__setitem__(headers, name, value)
        self.body = Body(self, headers)
        keep = version != "HTTP/1.0" and "close" not in headers.get("connection", "").lower()
        return method, target, headers, keep, version != "HTTP/1.0"

    def discard_body(self):
        """Reads what the handler left of the body; False where that is too much, so that the connection must end."""
        body, room = self.body, DISCARD_CAP
        if body.expects:
            return body.left == 0 and not body.chunked  # never asked for, so it may never come
        buffer = memoryview(bytearray(65536))
        while room > 0:
            count = body.readinto(buffer)
            if not count:
                return True
            room -= count
        return False


class Body(io.RawIOBase):
    """A request's body as a raw stream."""

    def __init__(self, connection, headers):
        super().__init__()
        self.connection = connection
        self.chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        self.left = 0 if self.chunked else int(headers.get("content-length", "0"))
        if self.left < 0:
            raise ValueError("content-length is negative")
        self.started = False
        self.expects = headers.get("expect", "").lower() == "100-continue"

    def readable(self):
        return True

    def readinto(self, target):
        if self.expects:
            self.expects = False
            self.connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self.chunked and self.left == 0:
            self._next_chunk()
        if self.left == 0:
            return 0
        connection, room = self.connection, min(len(target), self.left)
        if not connection.pending:
            connection.fill()
        piece = connection.pending[:room]
        connection.pending = connection.pending[room:]
        count = len(piece)
        target[:count] = piece
        self.left -= count
        return count

    def _next_chunk(self):
        if self.started:
            self.connection.read_until(b"\r\n")
        self.started = True
        self.left = int(self.connection.read_until(b"\r\n").split(b";")[0], 16)
        if self.left == 0:
            self.chunked = False
            while self.connection.read_until(b"\r\n"):  # trailers
                pass


class Reply:
    """Writes one response. Without a length the body goes out in chunks, each as soon as it is there."""

    def __init__(self, connection, method, keep, may_chunk, extra):
        self.connection = connection
        self.method = method
        self.keep = keep
        self.may_chunk = may_chunk
        self.extra = extra
        self.started = False

    def send(self, status, headers, body):
        """`body` is bytes, or an iterable of bytes."""
        whole = isinstance(body, (bytes, bytearray))
        names = {name.lower() for name, _ in headers}
        bodiless = status < 200 or status in (204, 304)
        chunked = False
        if not bodiless and "content-length" not in names:
            if whole:
                headers = headers + [("content-length", str(len(body)))]
            elif self.may_chunk:
                chunked = True
                headers = headers + [("transfer-encoding", "chunked")]
            else:
                self.keep = False
        silent = bodiless or self.method == "HEAD"
        head = self._head(status, headers)
        self.started = True
        send = self.connection.send
        if whole:
            send(head if silent else head + body)
            return
        send(head)
        try:
            for piece in () if silent else body:
                if piece:
                    send(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        finally:
            if hasattr(body, "close"):
                body.close()  # now, while what it writes still belongs to the request
        if chunked and not silent:
            send(b"0\r\n\r\n")

    def _head(self, status, headers):
        lines = ["HTTP/1.1 %d %s" % (status, REASONS.get(status, "Status"))]
        for name, value in headers + self.extra():
            line = "%s: %s" % (name, value)
            if "\r" in line or "\n" in line:
                raise ValueError("the response header %r holds a line break" % name)
            lines.append(line)
        lines.append("connection: %s\r\n\r\n" % ("keep-alive" if self.keep else "close"))
        return "\r\n".join(lines).encode("latin-1", "replace")
