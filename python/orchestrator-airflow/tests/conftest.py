"""A host, a plugin and a simulator, and an Airflow that was never set up."""

import os
import tempfile
from collections.abc import Callable, Iterator
from typing import TypeAlias

# Airflow reads it when it is first imported.
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="airflow-")

import pytest
from orchestrator_host import Host, Plugin, Secret, Task
from programs import built
from simulator import SUCCEEDS, Simulator

MakeTask: TypeAlias = Callable[..., Task]


@pytest.fixture(scope="session")
def plugin() -> Plugin:
    return Host().load(built("STITCH_PLUGIN"))


@pytest.fixture(scope="session")
def slow() -> Iterator[Simulator]:
    """Stitch at its own pace, since a trigger's age is told by it."""
    with Simulator(speed=1) as simulator:
        yield simulator


@pytest.fixture
def stitch(plugin: Plugin, slow: Simulator) -> MakeTask:
    def make(url: str, *, token: str | None = None, source: int = SUCCEEDS) -> Task:
        return plugin.task(
            connection={"base_url": url},
            secrets={"access_token": Secret(token or slow.token)},
            parameters={"source_id": source, "on_already_running": "attach"},
            allow=[url],
        )

    return make
