"""Serves a handler file over HTTP, a thread for each connection of the gateway.

Environment: PRESAGE_HANDLER (MODULE.NAME), PRESAGE_CODE (code folder, default: the working folder), PRESAGE_SOCKET (Unix socket)
or PORT, PRESAGE_INSTANCE. With PRESAGE_BLANK (a socket) it first waits there for the rest of it, see blank.py. A handler takes a request, or is a WSGI application (two arguments). It listens once the handler is
loaded: listening means ready. Exit codes: 78 the handler cannot be loaded, 71 cannot listen, 70 after_restore failed.
"""
import _socket  # the socket module costs 5 ms more, for names that are not needed here
import os
import select
import signal
import sys
import threading
import time

from . import fresh, log, trace
from .exchange import JSON, Request, RequestError, call_wsgi, is_async, positional, to_response
from .http1 import CallerGone, Connection, Reply


class Stop(BaseException):
    """Raised in the main thread by SIGTERM."""


class Server:
    def __init__(self, module, handler):
        self.handler = handler
        self.wsgi = positional(handler) == 2
        self.hooks = {name: getattr(module, name, None) or getattr(module, camel, None)
                      for name, camel in (("before_checkpoint", "beforeCheckpoint"), ("after_restore", "afterRestore"))}
        self.instance = os.environ.get("PRESAGE_INSTANCE")
        self.awakening = threading.Lock()
        self.connections = set()
        self.changed = threading.Condition()
        self.loop = None
        if is_async(handler) or any(is_async(hook) for hook in self.hooks.values()):
            self.start_loop()

    def start_loop(self):
        """One event loop for all requests, so that what they share (connection pools, locks) belongs to one loop."""
        import asyncio

        with self.changed:
            if self.loop is None:
                self.loop = asyncio.new_event_loop()
                threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, coroutine):
        """Waits for a coroutine; it runs in the caller's context, so its lines keep their mark."""
        import asyncio

        self.start_loop()
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def hook(self, name):
        hook = self.hooks[name]
        result = hook() if hook else None
        if hasattr(result, "__await__"):
            self.run(result)

    def awaken(self, instance):
        """Gives a clone its own identity, randomness and connections, once; other requests wait for it."""
        with self.awakening:
            if instance is not None and instance == self.instance:
                return
            token = log.current.set(log.outside)
            try:
                fresh.reseed()
                self.hook("after_restore")
            finally:
                log.current.reset(token)
            self.instance = instance

    def serve_connection(self, sock):
        connection = Connection(sock)
        with self.changed:
            self.connections.add(connection)
        try:
            while self.serve_request(connection):
                pass
        except (CallerGone, ValueError):
            pass  # the caller went away, or does not speak HTTP
        finally:
            sock.close()
            with self.changed:
                self.connections.discard(connection)
                self.changed.notify_all()

    def serve_request(self, connection):
        """@returns whether the connection can serve another request"""
        if not connection.pending:
            connection.fill()
        connection.busy = True
        method, target, headers, keep, may_chunk = connection.read_head()
        began = time.process_time_ns()
        reply = Reply(connection, method, keep, may_chunk,
                      lambda: [("x-presage-cpu-us", (time.process_time_ns() - began) // 1000)])
        if target.startswith("/_presage/"):
            self.control(method, target, headers, reply)
        else:
            call = log.Call(headers.get("x-presage-invocation"), trace.of(headers))
            token = log.current.set(call)
            try:
                self.answer(connection, method, target, headers, reply)
            finally:
                log.flush(call)
                log.current.reset(token)
        keep = reply.keep and connection.discard_body()
        connection.busy = False
        return keep

    def answer(self, connection, method, target, headers, reply):
        try:
            instance = headers.get("x-presage-instance")
            if self.instance is None:
                self.instance = instance  # started by hand: the first one to speak names it
            if instance is not None and instance != self.instance:
                self.awaken(instance)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            print("presage: after_restore failed, this instance ends", file=sys.stderr)
            problem(reply, headers, 500, "restore_failed", "A checkpoint could not be restored", "The hook after_restore failed.")
            leave(70)
        if headers.get("upgrade", "").lower() == "websocket":
            problem(reply, headers, 501, "unsupported", "No WebSockets here",
                    "The runtime python serves no WebSockets; runtime nodejs does by an export \"upgrade\", and runtime http.")
            return
        try:
            request = Request(method, target, headers, connection.body)
            if self.wsgi:
                status, fields, body = call_wsgi(self.handler, request)
            else:
                value = self.handler(request)
                if hasattr(value, "__await__"):
                    value = self.run(value)
                if callable(value) and positional(value) == 2:  # a response object of a WSGI framework
                    status, fields, body = call_wsgi(value, request)
                else:
                    status, fields, body = to_response(value, self.run)
            reply.send(status, fields, body)
        except RequestError as error:
            problem(reply, headers, error.status, error.code, "The request is not valid", str(error))
        except SystemExit as error:
            leave(error.code if isinstance(error.code, int) else 0 if error.code is None else 1)
        except CallerGone:
            raise
        except BaseException:
            sys.excepthook(*sys.exc_info())
            problem(reply, headers, 500, "handler_failed", "The function failed", "The handler raised an error; its log says which.")

    def control(self, method, target, headers, reply):
        """What the agent asks: POST /_presage/before-checkpoint, POST /_presage/after-restore, GET /_presage/health. The answer
        to the second tells whether there is such a hook: without one the agent need not ask again."""
        action = method + " " + target
        kind, answer = "text/plain; charset=utf-8", b"ok"
        try:
            if action == "POST /_presage/before-checkpoint":
                self.hook("before_checkpoint")
                self.close_idle()
                import gc

                gc.collect()
                gc.freeze()  # later collections leave these pages untouched, so clones go on sharing them
                reply.keep = False
            elif action == "POST /_presage/after-restore":
                self.awaken(headers.get("x-presage-instance"))
                kind, answer = JSON, b'{"afterRestore":%s}' % (b"true" if self.hooks["after_restore"] else b"false")
            elif action != "GET /_presage/health":
                problem(reply, headers, 404, "not_found", "Not found", "There is no %s." % action)
                return
        except Exception:
            sys.excepthook(*sys.exc_info())
            problem(reply, headers, 500, "handler_failed", "A hook of the function failed", "%s failed; the log says why." % action)
            return
        reply.send(200, [("content-type", kind)], answer)

    def close_idle(self):
        """Ends connections that wait for a request, and waits until they are gone."""
        with self.changed:
            for connection in self.connections:
                if not connection.busy:
                    shut(connection.sock)
            self.changed.wait_for(lambda: all(each.busy for each in self.connections), 1)

    def accept(self, listener):
        """Serves until SIGTERM. A signal that comes just before a blocking accept would be noticed after the next connection
        only; the byte that Python writes for it ends the wait."""
        noticed, notice = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(notice, warn_on_full_buffer=False)
        waiting = select.poll()
        for source in (listener, noticed):
            waiting.register(source, select.POLLIN)
        listener.setblocking(False)
        while True:
            waiting.poll()
            try:
                fd, _ = listener._accept()
            except BlockingIOError:
                drain(noticed)
                continue
            sock = _socket.socket(listener.family, listener.type, listener.proto, fileno=fd)
            threading.Thread(target=self.serve_connection, args=(sock,), daemon=True).start()


def drain(pipe):
    try:
        os.read(pipe, 64)
    except BlockingIOError:
        pass


def shut(sock):
    try:
        sock.shutdown(_socket.SHUT_RDWR)
    except OSError:
        pass


def problem(reply, headers, status, code, title, detail):
    """An RFC 9457 answer. Nothing of the error itself: that is for the function's own log."""
    import json

    if reply.started:  # half an answer must not look like a whole one
        raise CallerGone(detail)
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code,
            "requestId": headers.get("x-presage-invocation")}
    reply.send(status, [("content-type", "application/problem+json"), ("x-presage-error", code)], json.dumps(body).encode())


def leave(code):
    """Ends the process now; threads that the function left behind do not hold it up."""
    import atexit

    atexit._run_exitfuncs()
    log.flush(log.current.get())
    log.flush(log.outside)
    os._exit(code)


def listen():
    path = os.environ.get("PRESAGE_SOCKET")
    if path:
        if os.path.exists(path):
            os.unlink(path)
        listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        listener.bind(path)
    else:
        listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        listener.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
        listener.bind((os.environ.get("PRESAGE_HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080"))))
    listener.listen(1024)
    return listener


def load():
    code = os.path.abspath(os.environ.get("PRESAGE_CODE") or os.getcwd())
    name, _, attribute = os.environ.get("PRESAGE_HANDLER", "main.handler").rpartition(".")
    name = name.replace("/", ".")
    sys.path[0] = code  # was the shim's own folder
    file = os.path.join(code, *name.split("."))
    if not os.path.exists(file + ".py") and not os.path.isdir(file):
        raise ImportError("there is no %s.py in the code folder" % name.replace(".", "/"))
    __import__(name)
    module = sys.modules[name]
    handler = getattr(module, attribute, None)
    if not callable(handler):
        raise ImportError("%s.py does not define a function %r" % (name.replace(".", "/"), attribute))
    return module, handler


def stop(signum, frame):
    raise Stop


def main():
    log.install()
    if "PRESAGE_BLANK" in os.environ:
        from .blank import become_someone

        become_someone(os.environ["PRESAGE_BLANK"])
    trace.install(os.environ.get("PRESAGE_GATEWAY_URL"), lambda: log.current.get().trace)
    try:
        server = Server(*load())
    except BaseException as error:
        if not isinstance(error, ImportError) or error.__traceback__.tb_next.tb_next is not None:
            sys.excepthook(*sys.exc_info())
        print("presage: cannot load handler %s: %s: %s" % (os.environ.get("PRESAGE_HANDLER", "main.handler"), type(error).__name__, error),
              file=sys.stderr)
        leave(78)
    try:
        listener = listen()
    except (OSError, ValueError) as error:
        print("presage: cannot listen: %s" % error, file=sys.stderr)
        leave(71)
    signal.signal(signal.SIGTERM, stop)
    try:
        server.accept(listener)
    except Stop:
        listener.close()
        server.close_idle()
        with server.changed:
            server.changed.wait_for(lambda: not any(each.busy for each in server.connections))
        leave(0)
