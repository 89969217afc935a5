"""A gate before the simulator: counts what starts a job, and loses answers or holds requests as it is told."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Gate(ThreadingHTTPServer):
    """A proxy on a free port."""

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream.removeprefix("http://")
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.posts = 0
        """How many requests that start a job have come."""
        self.started = 0
        """How many of them have started one, by Stitch's answer."""
        self.lose_answers = False
        """Whether the connection is closed where the answer to such a request should come."""
        self.arrived = threading.Event()
        """Set when a request has come."""
        self.dropped = threading.Event()
        """Set when a client has gone before it was answered."""
        self.open = threading.Event()
        """Requests wait until it is set, then go on to the simulator."""
        self.open.set()


class _Handler(BaseHTTPRequestHandler):
    server: Gate

    def do_GET(self) -> None:
        self.forward()

    def do_POST(self) -> None:
        self.server.posts += 1
        self.forward()

    def do_DELETE(self) -> None:
        self.forward()

    def forward(self) -> None:
        self.server.arrived.set()
        if not self.server.open.is_set():
            threading.Thread(target=self.notice_a_client_that_goes, daemon=True).start()
        self.server.open.wait()
        with closing(http.client.HTTPConnection(self.server.upstream)) as upstream:
            upstream.request(self.command, self.path, headers={"Authorization": self.headers["Authorization"]})
            answer = upstream.getresponse()
            body = answer.read()
        self.close_connection = True
        if self.command == "POST" and "job_name" in json.loads(body):
            self.server.started += 1
        if self.command == "POST" and self.server.lose_answers:
            return
        # The client may have gone.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def notice_a_client_that_goes(self) -> None:
        with suppress(OSError):
            if self.connection.recv(1) == b"" and not self.server.open.is_set():
                self.server.dropped.set()

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests print nothing."""


@contextmanager
def gate(upstream: str) -> Iterator[Gate]:
    """A gate, serving on a thread."""
    with Gate(upstream) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.open.set()
            server.shutdown()
            thread.join()
