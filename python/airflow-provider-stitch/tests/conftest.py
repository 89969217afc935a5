"""An Airflow of its own, with a database of its own, beside the Stitch simulator."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Airflow reads these when it is first imported.
HOME = Path(tempfile.mkdtemp(prefix="airflow-"))
os.environ["AIRFLOW_HOME"] = str(HOME)
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION"] = "False"
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(Path(__file__).with_name("dags"))

import pytest  # noqa: E402
from simulator import Simulator  # noqa: E402
from table import Table  # noqa: E402

TABLE = Table()


@pytest.fixture
def table() -> Table:
    """The table that is shown last."""
    return TABLE


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TABLE.rows:
        terminalreporter.section("what became of the demo's tasks")
        terminalreporter.write_line("\n".join(TABLE.lines()))


@pytest.fixture(scope="session", autouse=True)
def database() -> None:
    from airflow.utils.db import initdb

    initdb()


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def stitch(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The simulator, to which the connection `stitch_default` leads."""
    connect(monkeypatch, simulator.url, simulator.token)
    return simulator


def connect(monkeypatch: pytest.MonkeyPatch, url: str, token: str) -> None:
    connection = {"conn_type": "stitch", "host": url, "password": token}
    monkeypatch.setenv("AIRFLOW_CONN_STITCH_DEFAULT", json.dumps(connection))
