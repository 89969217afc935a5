"""A gate before the simulator: counts what starts a job, and loses answers or holds requests as it is told."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Gate(ThreadingHTTPServer):
    """A proxy on a free port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream.removeprefix("http://")
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.requests: list[str] = []
        """The requests in the order in which they came: methods and paths, without queries."""
        self.starts: Counter[int] = Counter()
        """How many jobs the requests of each source have started, by Stitch's answers."""
        self.lose_answers = False
        """Whether the connection is closed where the answer to a request that starts a job should come."""
        self.delay = 0.0
        """How long an answer takes, in seconds, beyond the simulator's own time."""
        self.show_paused = False
        """Whether every source is shown as paused by its user, as no source of the simulator is."""
        self.arrived = threading.Event()
        """Set when a request has come."""
        self.dropped = threading.Event()
        """Set when a client has gone before it was answered."""
        self.open = threading.Event()
        """Requests wait until it is set, then go on to the simulator."""
        self.open.set()
        self.hold: Counter[int] = Counter()
        """How many requests of each source that start a job are to have their effect and get no answer, as if it were on its way."""
        self.held: Counter[int] = Counter()
        """How many of each source have had theirs and wait for it, or have until their client went."""
        self.holding: list[int] = []
        """The ports of the clients of those, in the order in which they came."""

    @property
    def posts(self) -> int:
        """How many requests that start a job have come."""
        return sum(request.startswith("POST ") for request in self.requests)

    @property
    def started(self) -> int:
        """How many of them have started one."""
        return self.starts.total()


class _Handler(BaseHTTPRequestHandler):
    server: Gate

    def do_GET(self) -> None:
        self.forward()

    def do_POST(self) -> None:
        self.forward()

    def do_DELETE(self) -> None:
        self.forward()

    def forward(self) -> None:
        self.server.requests.append(f"{self.command} {self.path.partition('?')[0]}")
        self.server.arrived.set()
        if not self.server.open.is_set():
            threading.Thread(target=self.notice_a_client_that_goes, daemon=True).start()
        self.server.open.wait()
        with closing(http.client.HTTPConnection(self.server.upstream)) as upstream:
            upstream.request(self.command, self.path, headers={"Authorization": self.headers["Authorization"]})
            answer = upstream.getresponse()
            body = answer.read()
        time.sleep(self.server.delay)
        self.close_connection = True
        if self.command == "POST" and not self.is_answered(body):
            return
        if self.server.show_paused:
            body = self.paused(body)
        # The client may have gone.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.send_response_only(answer.status)
            # Stitch's time, by which a trigger's age is told.
            self.send_header("Date", answer.headers["Date"])
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def is_answered(self, body: bytes) -> bool:
        """Counts a request that starts a job; holds it, until its client goes, or loses its answer where that is wanted."""
        source = int(self.path.split("/")[3])
        self.server.starts[source] += "job_name" in json.loads(body)
        if self.server.hold[source] > 0:
            self.server.hold[source] -= 1
            self.server.held[source] += 1
            self.server.holding.append(self.client_address[1])
            with suppress(OSError):
                self.connection.recv(1)
            return False
        return not self.server.lose_answers

    def paused(self, body: bytes) -> bytes:
        document = json.loads(body) if self.command == "GET" and body else None
        if isinstance(document, dict) and "paused_at" in document:
            return json.dumps(document | {"paused_at": "2020-01-01T00:00:00Z"}).encode()
        return body

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
