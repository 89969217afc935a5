"""An Airflow of its own in processes that can be killed: an API server, a DAG processor, a scheduler and triggerers."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import requests

DAGS = Path(__file__).with_name("standalone_dags")


def wait_for(what: str, done: Callable[[], bool], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, f"{what}: not within {seconds} s"
        time.sleep(0.1)


class Airflow:
    """Its processes, whose logs are in its home, and its REST API."""

    def __init__(self, home: Path, connection: str) -> None:
        self.home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._url = f"http://127.0.0.1:{port}"
        self._session = requests.Session()
        settings = {
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "CORE__DAGS_FOLDER": str(DAGS),
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": "8",
            "CORE__MAX_ACTIVE_TASKS_PER_DAG": "32",
            "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "CORE__EXECUTION_API_SERVER_URL": f"{self._url}/execution/",
            "API__PORT": str(port),
            "API__BASE_URL": self._url,
            "API__WORKERS": "1",
            "API_AUTH__JWT_SECRET": secrets.token_hex(),
            "TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "10",
            "TRIGGERER__JOB_HEARTBEAT_SEC": "2",
            # A port that triggerers would take from each other.
            "LOGGING__TRIGGER_LOG_SERVER_PORT": "0",
        }
        self._variables = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
        self._variables |= {f"AIRFLOW__{name}": value for name, value in settings.items()}
        self._variables["AIRFLOW_HOME"] = str(home)
        self._variables["AIRFLOW_CONN_STITCH_DEFAULT"] = connection
        self._variables["PYTHONPATH"] = os.pathsep.join(sys.path)
        self._processes: list[subprocess.Popen[bytes]] = []
        self.start("db", "migrate").wait()
        for component in ("api-server", "dag-processor", "scheduler"):
            self.start(component)
        wait_for("the API server", self._is_healthy)
        token = self._session.get(f"{self._url}/auth/token", timeout=10).json()["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Starts a component."""
        program = Path(sys.executable).with_name("airflow")
        with (self.home / f"{command[0]}-{len(self._processes)}.out").open("wb") as log:
            process = subprocess.Popen([program, *command], env=self._variables, stdout=log, stderr=log)
        self._processes.append(process)
        return process

    def logs_of_triggers(self, run: str, source: int) -> list[str]:
        """What the triggers of a task have logged, a text for each triggerer, the first one's first."""
        _, dag, _, run_id = run.split("/")
        logs = (self.home / "logs" / f"dag_id={dag}" / f"run_id={run_id}" / f"task_id={source}").glob("*.trigger.*")
        return [path.read_text() for path in sorted(logs, key=lambda path: int(path.suffixes[-2].removeprefix(".")))]

    def _is_healthy(self) -> bool:
        try:
            return self._session.get(f"{self._url}/api/v2/monitor/health", timeout=10).ok
        except requests.ConnectionError:
            return False

    def ask(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """An answer of the REST API, which is an object."""
        answer = self._session.request(method, f"{self._url}/api/v2/{path}", json=body or None, timeout=30)
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def connection_forms(self) -> list[dict[str, Any]]:
        """The forms of connections on the web page."""
        found: list[dict[str, Any]] = self._session.get(f"{self._url}/ui/connections/hook_meta", timeout=30).json()
        return found

    def run(self, dag: str) -> str:
        """Starts a run of a DAG, once Airflow has found that."""
        known = f"{self._url}/api/v2/dags/{dag}"
        wait_for(f"the DAG {dag}", lambda: self._session.get(known, timeout=30).ok)
        run: str = self.ask("POST", f"dags/{dag}/dagRuns", logical_date=None)["dag_run_id"]
        return f"dags/{dag}/dagRuns/{run}"

    def states(self, run: str) -> dict[str, str]:
        """The states of a run's tasks."""
        instances = self.ask("GET", f"{run}/taskInstances")["task_instances"]
        return {it["task_id"]: it["state"] for it in instances}

    def close(self) -> None:
        """Ends all processes."""
        for process in self._processes:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kills a component and what it has started."""
    if process.poll() is None:
        started = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for child in started:
            if child.is_running():
                child.send_signal(signal.SIGKILL)
    process.wait()


def client_at(port: int) -> psutil.Process:
    """The process that has sent a request from this port."""
    for it in psutil.net_connections("tcp4"):
        if it.laddr and it.laddr.port == port and it.pid and it.pid != os.getpid():
            return psutil.Process(it.pid)
    raise AssertionError(f"no process has the port {port}")


@contextmanager
def airflow(home: Path, connection: str) -> Iterator[Airflow]:
    """An Airflow, running."""
    running = Airflow(home, connection)
    try:
        yield running
    finally:
        running.close()
