"""The function's stdout and stderr, line by line, each line marked with the invocation that wrote it: \\x01<invocation>\\x02text.

Lines written outside a request carry no mark. A slow reader slows the function down for a moment; one that is away (the agent
restarts) costs lines, never the function.
"""
import io
import os
import sys
import threading
from contextvars import ContextVar

LINE_CAP = 16 * 1024
PATIENCE_MS = 100


class Call:
    """What belongs to one request: its mark, its trace for the calls that it makes, and what it wrote without an end of line."""

    __slots__ = ("mark", "trace", "rest")

    def __init__(self, invocation=None, trace=()):
        self.trace = trace
        self.mark = b"\x01" + invocation.encode() + b"\x02" if invocation else b""
        self.rest = {}


outside = Call()
current = ContextVar("presage_call", default=outside)


class Pipe:
    """One of the two log pipes."""

    def __init__(self, fd):
        self.fd = fd
        self.lock = threading.RLock()
        self.left = b""  # of a line whose beginning is in the pipe already
        self.dropped = 0
        os.set_blocking(fd, False)

    def write(self, data):
        with self.lock:
            if not self._push():
                self.dropped += 1
                return
            if self.dropped:
                self.left = b"presage: %d log writes were dropped, nobody read them\n" % self.dropped
                self.dropped = 0
            self.left += data
            self._push()

    def _push(self):
        """Writes what is left; False where nobody reads. Once lines were lost nobody waits again until the reader is back."""
        while self.left:
            try:
                self.left = self.left[os.write(self.fd, self.left):]
            except BlockingIOError:
                if self.dropped or not self._writable():
                    return False
            except OSError:
                self.left = b""  # nobody will ever read it
        return True

    def _writable(self):
        import select

        poll = select.poll()
        poll.register(self.fd, select.POLLOUT)
        return bool(poll.poll(PATIENCE_MS))


class Stream(io.RawIOBase):
    """The bytes under sys.stdout and sys.stderr."""

    def __init__(self, pipe):
        super().__init__()
        self.pipe = pipe

    def writable(self):
        return True

    def fileno(self):
        return self.pipe.fd

    def write(self, data):
        call = current.get()
        data = bytes(data)
        lines = (call.rest.get(self.pipe.fd, b"") + data).split(b"\n")
        rest = lines.pop()
        # A line longer than the cap keeps its beginning; one byte more says later that it was cut.
        call.rest[self.pipe.fd] = rest[: LINE_CAP + 1]
        if lines:
            self.pipe.write(b"".join(_line(call.mark, line) for line in lines))
        return len(data)

    def finish(self, call):
        rest = call.rest.pop(self.pipe.fd, b"")
        if rest:
            self.pipe.write(_line(call.mark, rest))


def _line(mark, text):
    return mark + (text[:LINE_CAP] + b" [cut]" if len(text) > LINE_CAP else text) + b"\n"


_streams = []


def install():
    """Takes over sys.stdout and sys.stderr."""
    for name, fd in (("stdout", 1), ("stderr", 2)):
        stream = Stream(Pipe(fd))
        _streams.append(stream)
        setattr(sys, name, io.TextIOWrapper(stream, "utf-8", "backslashreplace", newline="\n", write_through=True))


def flush(call):
    """Writes what a request left without an end of line."""
    for stream in _streams:
        stream.finish(call)
