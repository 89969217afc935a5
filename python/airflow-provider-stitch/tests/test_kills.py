"""Workers that are killed between a request's effect and its answer, on one machine and on two whose clocks differ."""

import json
import multiprocessing
import os
import time
from collections.abc import Iterable
from multiprocessing.process import BaseProcess
from pathlib import Path

from airflow.sdk.bases.operator import ExecutorSafeguard
from gate import Gate, gate
from orchestrator_host import PollPolicy
from records import of_another_machine
from simulator import ORDINARY, Simulator
from workers import FileStore, execute

# Each worker is forked from a process that has imported Airflow and has no threads.
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["airflow_provider_stitch.operator"])

SOURCES = ORDINARY[:40]
AT_ONCE, LATER = SOURCES[::2], SOURCES[1::2]
"""Those whose next worker comes while the sync runs, when Stitch would refuse another, and after its end, when it would not."""
SETTLED_BY_A_WORKER_THAT_DIES = AT_ONCE[::2]
CLOCKS = (None, 0, 20, -20)
"""The same machine, and others whose clocks are behind by so many seconds."""


def attempt(folder: Path, url: str, token: str, source: int) -> None:
    """An attempt of the task of a source, in a worker's process."""
    connection = {"conn_type": "stitch", "host": url, "password": token}
    os.environ["AIRFLOW_CONN_STITCH_DEFAULT"] = json.dumps(connection)
    ExecutorSafeguard.test_mode = True
    policy = PollPolicy(interval=4, ignore_hint=True)
    ended = execute(source, FileStore(folder / f"{source}.store"), policy=policy)
    (folder / f"{source}.ended").write_text(ended["verdict"])


class Workers:
    """The workers of one Airflow."""

    def __init__(self, folder: Path, server: Gate, token: str) -> None:
        self._folder, self._server, self._token = folder, server, token
        self._processes: dict[int, BaseProcess] = {}
        self.kills = 0

    def start(self, sources: Iterable[int]) -> None:
        for source in sources:
            arguments = (self._folder, self._server.url, self._token, source)
            process = SERVER.Process(target=attempt, args=arguments, daemon=True)
            process.start()
            self._processes[source] = process

    def kill(self, sources: Iterable[int], requests: int) -> None:
        """Kills each once so many of its requests have had their effect and no answer."""
        for source in sources:
            until = time.monotonic() + 60
            while self._server.held[source] < requests:
                assert time.monotonic() < until, f"source {source} sends nothing"
                assert self._processes[source].is_alive(), f"the worker of source {source} has ended"
                time.sleep(0.01)
            self._processes[source].kill()
            self._processes[source].join()
            assert self._processes[source].exitcode == -9
            self.kills += 1

    def move(self, source: int, clock: int | None) -> None:
        """Has the next worker of a source run on another machine."""
        if clock is not None:
            store = FileStore(self._folder / f"{source}.store")
            kept = store.get("orchestrator_starts")
            assert kept is not None
            store.set("orchestrator_starts", of_another_machine(kept, clock))

    def end(self) -> None:
        for source, process in self._processes.items():
            process.join(120)
            assert process.exitcode == 0, source

    def verdicts(self) -> dict[int, str]:
        return {int(path.stem): path.read_text() for path in self._folder.glob("*.ended")}


def test_whichever_worker_dies_after_stitch_has_started_a_sync_nothing_is_started_twice_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    # Stitch at its own pace, since a trigger's age is told by it.
    with Simulator(speed=1) as simulator, gate(simulator.url) as server:
        server.show_paused = True
        workers = Workers(tmp_path, server, simulator.token)

        server.hold.update(SOURCES)
        workers.start(SOURCES)
        workers.kill(SOURCES, 1)
        ended = time.monotonic() + 62
        for index, source in enumerate(SOURCES):
            workers.move(source, CLOCKS[index // 4 % 4])

        server.hold.update(SETTLED_BY_A_WORKER_THAT_DIES)
        workers.start(AT_ONCE)
        workers.kill(SETTLED_BY_A_WORKER_THAT_DIES, 2)
        workers.start(SETTLED_BY_A_WORKER_THAT_DIES)
        time.sleep(max(0.0, ended - time.monotonic()))
        workers.start(LATER)
        workers.end()

        assert workers.kills == 50
        assert dict(server.starts) == dict.fromkeys(SOURCES, 1)
        assert workers.verdicts() == dict.fromkeys(SOURCES, "succeeded")
