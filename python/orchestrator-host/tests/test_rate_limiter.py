import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import MakeTask
from gate import gate
from orchestrator_host import CallError, Finished, HostError, Plugin, PollPolicy, RateLimiter, Running, Secret, Task
from simulator import SUCCEEDS, TAP_FAILS, Simulator


def limited(plugin: Plugin, url: str, token: str, source: int, limiter: RateLimiter) -> Task:
    return plugin.task(
        connection={"base_url": url},
        secrets={"access_token": Secret(token)},
        parameters={"source_id": source, "on_already_running": "attach"},
        allow=[url],
        rate_limiter=limiter,
    )


def in_a_child(does: Callable[[], bool]) -> bool:
    """Whether a child that is forked does it."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if does() else 1)
        finally:
            os._exit(2)
    return os.waitpid(child, 0)[1] == 0


def test_runs_of_an_account_that_are_due_together_take_one_request(
    plugin: Plugin, simulator: Simulator, tmp_path: Path
) -> None:
    limiter = RateLimiter(tmp_path / "accounts.db")
    with gate(simulator.url) as server:
        tasks = [limited(plugin, server.url, simulator.token, source, limiter) for source in (SUCCEEDS, TAP_FAILS)]
        watches = []
        for task in tasks:
            run = task.trigger()
            assert isinstance(run, Running)
            watches += [task.watch(run.run) for _ in range(4)]
        before = len(server.requests)

        async def main() -> None:
            assert len(await asyncio.gather(*(watch.apoll() for watch in watches))) == 8

        asyncio.run(main())
        # The account has three pages of sources.
        assert len(server.requests) <= before + 3


def test_a_poll_waits_for_the_budget_of_its_account_and_can_be_cancelled(
    plugin: Plugin, simulator: Simulator, tmp_path: Path
) -> None:
    limiter = RateLimiter(tmp_path / "accounts.db")
    task = limited(plugin, simulator.url, simulator.token, TAP_FAILS, limiter)
    run = task.trigger()
    assert isinstance(run, Running)

    async def main() -> None:
        await task.apoll(run.run)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(task.apoll(run.run), 0.5)

    asyncio.run(main())


def test_a_child_polls_with_a_rate_limiter_that_its_parent_has_not_used(
    stitch: MakeTask, plugin: Plugin, simulator: Simulator, tmp_path: Path
) -> None:
    run = stitch(SUCCEEDS, on_already_running="attach").trigger()
    assert isinstance(run, Running)
    limiter = RateLimiter(tmp_path / "accounts.db")
    task = limited(plugin, simulator.url, simulator.token, SUCCEEDS, limiter)
    assert in_a_child(lambda: isinstance(task.poll(run.run), Running | Finished))
    assert (tmp_path / "accounts.db").stat().st_mode & 0o077 == 0


def test_a_watch_whose_turn_does_not_come_times_out(plugin: Plugin, simulator: Simulator, tmp_path: Path) -> None:
    limiter = RateLimiter(tmp_path / "accounts.db")
    task = limited(plugin, simulator.url, simulator.token, TAP_FAILS, limiter)
    run = task.trigger()
    assert isinstance(run, Running)
    task.poll(run.run)
    watch = task.watch(run.run, PollPolicy(timeout=0.5))
    with pytest.raises(CallError, match="left no room for it within"):
        watch.poll()
    assert watch.timed_out


def test_a_rate_limiter_that_was_in_use_is_refused_in_a_child(
    plugin: Plugin, simulator: Simulator, tmp_path: Path
) -> None:
    task = limited(plugin, simulator.url, simulator.token, SUCCEEDS, RateLimiter(tmp_path / "accounts.db"))
    run = task.trigger()
    assert isinstance(run, Running)

    def is_refused() -> bool:
        with pytest.raises(HostError, match="was in use before a fork"):
            task.poll(run.run)
        return True

    assert in_a_child(is_refused)


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "accounts.db").write_text("no database")
    with pytest.raises(HostError, match="accounts.db"):
        RateLimiter(tmp_path / "accounts.db")
