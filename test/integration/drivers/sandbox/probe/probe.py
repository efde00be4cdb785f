"""A server that runs the Python it is sent and answers with what the code left in `out`."""

import json
import os
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

kept = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "caller"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        code = self.rfile.read(int(self.headers["content-length"])).decode()
        scope = {"out": None, "kept": kept}
        try:
            exec(code, scope)
            body = {"out": scope["out"]}
        except BaseException as error:  # what the sandbox refuses is the answer
            body = {"error": f"{type(error).__name__}: {error}"}
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(data)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(data)


class UnixServer(ThreadingHTTPServer):
    address_family = socket.AF_UNIX

    def server_bind(self):
        self.socket.bind(self.server_address)


if "tcp" in sys.argv:
    server = ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler)
else:
    server = UnixServer(os.environ["PRESAGE_SOCKET"], Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever).start()
