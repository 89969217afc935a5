"""Measures what many deferred syncs cost a triggerer: the longest pause of its event loop, and its memory.

`measure_triggers.py KIND RUNS SECONDS` prints a JSON object; AIRFLOW_CONN_STITCH_DEFAULT names the simulator. KIND is `plugin`, the
provider's trigger; `threads`, one that polls with requests in threads; or `blocking`, one that polls with requests on the event loop.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import requests
from airflow.sdk.bases.hook import BaseHook
from airflow.triggers.base import BaseTrigger, TriggerEvent
from airflow_provider_stitch.plugin import PLUGIN
from airflow_provider_stitch.trigger import StitchSyncTrigger
from orchestrator_airflow.connection import Value, task
from orchestrator_host import PollPolicy, Running, Watch
from simulator import CLIENT_ID, ORDINARY

INTERVAL = 10.0
"""The time between two polls of a run, in seconds."""

polls = 0


class RequestsTrigger(BaseTrigger):
    """A trigger as they are often written: it reads the list of extractions with requests."""

    def __init__(self, url: str, token: str, *, in_threads: bool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.url, self.in_threads = f"{url}/v4/{CLIENT_ID}/extractions?page=1", in_threads
        self.headers = {"Authorization": f"Bearer {token}"}

    def serialize(self) -> tuple[str, dict[str, Any]]:
        raise NotImplementedError

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while True:
            await asyncio.sleep(INTERVAL)
            if self.in_threads:
                await asyncio.to_thread(self.poll)
            else:
                self.poll()
        yield TriggerEvent({})

    def poll(self) -> None:
        global polls
        requests.get(self.url, headers=self.headers, timeout=60).json()
        polls += 1


def triggers(kind: str, runs: int) -> list[BaseTrigger]:
    """A trigger for each of so many runs, which are started here; where there are more than sources, sources share them."""
    connection = BaseHook.get_connection("stitch_default")
    if kind != "plugin":
        assert connection.host is not None
        assert connection.password is not None
        return [
            RequestsTrigger(connection.host, connection.password, in_threads=kind == "threads") for _ in range(runs)
        ]
    plugin, started = PLUGIN.load(), []
    for source in ORDINARY[:runs]:
        parameters: dict[str, Value] = {"source_id": source, "on_already_running": "attach"}
        progress = task(plugin, connection, PLUGIN.conn_type, parameters).trigger()
        assert isinstance(progress, Running)
        started.append((parameters, progress.run))
    policy = asdict(PollPolicy(interval=INTERVAL, ignore_hint=True))
    settings: dict[str, Any] = {
        "conn_id": "stitch_default",
        "policy": policy,
        "poll_after": 20.0,
        "cancel_on_kill": True,
    }
    deadline = time.time() + 3600
    every = [started[index % len(started)] for index in range(runs)]
    return [StitchSyncTrigger(parameters=it, run=run, deadline=deadline, **settings) for it, run in every]


def count_polls() -> None:
    """Has the polls of the provider's triggers counted."""
    apoll = Watch.apoll

    async def counted(watch: Watch) -> object:
        global polls
        progress = await apoll(watch)
        polls += 1
        return progress

    Watch.apoll = counted  # type: ignore[assignment,method-assign]


def resident() -> int:
    """This process's memory, in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


async def measure(watches: list[BaseTrigger], seconds: float) -> dict[str, Any]:
    """Runs the triggers, begun one after another within an interval, for so long."""
    loop = asyncio.get_running_loop()
    before, longest, began = resident(), 0.0, loop.time()

    async def watch(trigger: BaseTrigger, after: float) -> None:
        await asyncio.sleep(after)
        async for event in trigger.run():
            raise AssertionError(event)

    running = [asyncio.create_task(watch(it, INTERVAL * i / len(watches))) for i, it in enumerate(watches)]
    while loop.time() - began < seconds:
        at = loop.time()
        await asyncio.sleep(0.001)
        longest = max(longest, loop.time() - at)
    for ended in running:
        assert not ended.done(), ended
        ended.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    kib = (resident() - before) / len(watches)
    return {"longest_pause_ms": round(longest * 1000), "kib_for_each_run": round(kib), "polls": polls}


if __name__ == "__main__":
    kind, runs, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    count_polls()
    made = triggers(kind, runs)
    print(json.dumps({"kind": kind} | asyncio.run(measure(made, seconds))))  # noqa: T201
