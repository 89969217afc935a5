"""An account of dbt Cloud, simulated: each run goes on for two polls and ends as its job says."""

import json
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType

TOKEN = "not-a-real-token-of-dbt-cloud"
ACCOUNT = 12345


class DbtCloudAccount:
    """Serves the account on a free port of this machine."""

    def __init__(self, *, ends: dict[int, int]) -> None:
        """`ends` has the status that ends the runs of each job."""
        self.started: list[int] = []
        polls: Counter[int] = Counter()
        account = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *arguments: object) -> None:
                pass

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", "0")))
                job = int(self.path.split("/")[-3])
                account.started.append(job)
                self._answer(job, len(account.started), 1)

            def do_GET(self) -> None:
                run = int(self.path.split("/")[-2])
                polls[run] += 1
                job = account.started[run - 1]
                self._answer(job, run, 3 if polls[run] < 3 else ends[job])

            def _answer(self, job: int, run: int, status: int) -> None:
                is_known = self.headers["authorization"] == f"Token {TOKEN}"
                data = {"id": run, "job_definition_id": job, "status": status}
                body = json.dumps({"status": {"is_success": is_known}, "data": data if is_known else None}).encode()
                self.send_response(200 if is_known else 401)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "DbtCloudAccount":
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
