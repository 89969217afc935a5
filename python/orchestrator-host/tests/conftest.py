"""What the tests share: one host, one plugin, one simulator."""

import time
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest
from orchestrator_host import Finished, Host, Plugin, Progress, Running, Secret, Task
from programs import built
from simulator import Simulator

MakeTask: TypeAlias = Callable[..., Task]


@pytest.fixture(scope="session")
def host() -> Host:
    return Host()


@pytest.fixture(scope="session")
def plugin(host: Host) -> Plugin:
    return host.load(built("STITCH_PLUGIN"))


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture(scope="session")
def stitch(plugin: Plugin, simulator: Simulator) -> MakeTask:
    """Makes the task of a source, of the simulator or of what stands before it."""

    def make(source: int, *, url: str | None = None, token: str | None = None, **parameters: str | bool) -> Task:
        url = url or simulator.url
        return plugin.task(
            connection={"base_url": url},
            secrets={"access_token": Secret(token or simulator.token)},
            parameters={"source_id": source, **parameters},
            allow=[url],
        )

    return make


def follow(task: Task, progress: Progress) -> Finished:
    """Polls a run of the simulator to its end, as often as only a simulator may be."""
    until = time.monotonic() + 60
    while isinstance(progress, Running):
        assert time.monotonic() < until, progress
        time.sleep(0.05)
        progress = task.poll(progress.run)
    return progress
