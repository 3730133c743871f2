"""The tests of the package. They run where the wheel is installed."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

pytest_plugins = ["pytester"]


class _Real(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(404)
        self.end_headers()
        self.wfile.write(b"no such page")

    def log_message(self, *_):
        pass


@pytest.fixture
def real():
    """A server that is not a fake."""
    server = HTTPServer(("127.0.0.1", 0), _Real)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
