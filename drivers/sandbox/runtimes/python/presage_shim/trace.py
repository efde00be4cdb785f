"""Calls to the gateway go on with the trace of the request that makes them, so that the platform knows which function calls
which. That goes for what is built on http.client: urllib, requests, urllib3. A call whose headers carry a trace already stays as
it is, and nobody but the gateway is told."""
import sys

CLIENT = "http.client"


def of(headers):
    """The headers of a request that calls pass on."""
    if "traceparent" not in headers:
        return ()
    return tuple((name, headers[name]) for name in ("traceparent", "tracestate") if name in headers)


def install(gateway_url, current):
    """`current` gives the trace of the request whose code runs now. http.client is changed when it is first imported: that costs
    15 ms, which most functions need not spend."""
    if not gateway_url:
        return
    host, colon, port = gateway_url.partition("://")[2].partition("/")[0].rpartition(":")
    if not colon or "]" in port:
        host, port = host + colon + port, "80"
    gateway = (host.strip("[]"), int(port))
    if CLIENT in sys.modules:
        _change(sys.modules[CLIENT], gateway, current)
    else:
        sys.meta_path.insert(0, _Import(gateway, current))


def _change(client, gateway, current):
    end_headers = client.HTTPConnection.endheaders

    def traced(self, *args, **kwargs):
        if (self.host, self.port) == gateway and not any(line.lower().startswith(b"traceparent:") for line in self._buffer):
            for name, value in current():
                self.putheader(name, value)
        return end_headers(self, *args, **kwargs)

    client.HTTPConnection.endheaders = traced


class _Import:
    """Stands first among those who find modules, until http.client is asked for."""

    def __init__(self, *change):
        self.change = change

    def find_spec(self, name, path=None, target=None):
        if name != CLIENT:
            return None
        sys.meta_path.remove(self)
        import importlib.util

        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def load_and_change(module):
            load(module)
            _change(module, *self.change)

        spec.loader.exec_module = load_and_change
        return spec
