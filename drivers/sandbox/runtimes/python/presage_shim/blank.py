"""A runtime that was booted ahead of any function, and how it becomes one.

Until then it answers on a socket that the platform alone reaches, and only this: GET /_presage/health; POST /_presage/become with
{"environment": {NAME: VALUE}}.
"""
import _socket
import json
import os

from .http1 import CallerGone, Connection, Reply


def become_someone(path):
    """Waits until told what to become, takes that environment as its own, and goes to its code folder. The socket is gone then."""
    listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(16)
    environment = None
    while environment is None:
        fd, _ = listener._accept()
        sock = _socket.socket(listener.family, listener.type, listener.proto, fileno=fd)
        try:
            environment = answer(Connection(sock))
        except (CallerGone, ValueError):
            pass  # the caller went away, or does not speak HTTP
        finally:
            sock.close()
    listener.close()
    os.unlink(path)
    del os.environ["PRESAGE_BLANK"]
    os.environ.update(environment)
    os.chdir(environment["PRESAGE_CODE"])


def answer(connection):
    """Serves one request. @returns the environment that it brought, or None"""
    method, target, headers, _, may_chunk = connection.read_head()
    reply = Reply(connection, method, False, may_chunk, list)
    environment = None
    status = 200
    if (method, target) == ("POST", "/_presage/become"):
        body = b""
        while True:
            piece = bytearray(65536)
            count = connection.body.readinto(piece)
            if not count:
                break
            body += piece[:count]
        environment = json.loads(body)["environment"]
    elif (method, target) != ("GET", "/_presage/health"):
        status = 404
    reply.send(status, [], b"")
    return environment
