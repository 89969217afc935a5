import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import MakeTask
from gate import Gate, gate
from orchestrator_host import CallError, Finished, PollPolicy, Running
from programs import built
from simulator import SUCCEEDS, TAP_FAILS, Simulator

POLLS = 60


@pytest.fixture
def closed(simulator: Simulator) -> Iterator[Gate]:
    """A gate that holds every request until it is opened."""
    with gate(simulator.url) as server:
        server.open.clear()
        yield server


def threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


async def wait_for(event: threading.Event) -> None:
    # Sooner than the host would give up a request by itself.
    assert await asyncio.to_thread(event.wait, 10)


def test_sixty_polls_share_one_event_loop_and_take_no_thread_each(stitch: MakeTask) -> None:
    begun = stitch(SUCCEEDS, on_already_running="attach").trigger()
    assert isinstance(begun, Running)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        all_there, longest, done, at_most = asyncio.Event(), 0.0, False, 0
        waiting = 0

        # Answers none of the polls before all of them have come: one that blocked the loop, or waited for another, would hang.
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal waiting, at_most
            await reader.readuntil(b"\r\n\r\n")
            waiting += 1
            if waiting == POLLS:
                at_most = threads()
                all_there.set()
            await all_there.wait()
            writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            writer.close()

        async def measure() -> None:
            nonlocal longest
            while not done:
                before = loop.time()
                await asyncio.sleep(0.001)
                longest = max(longest, loop.time() - before)

        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=POLLS)
        async with server:
            port = server.sockets[0].getsockname()[1]
            task = stitch(SUCCEEDS, url=f"http://127.0.0.1:{port}")
            before = threads()
            measured = asyncio.create_task(measure())
            polls = (task.apoll(begun.run) for _ in range(POLLS))
            outcomes = await asyncio.wait_for(asyncio.gather(*polls, return_exceptions=True), 60)
            done = True
            await measured
        assert [type(outcome) for outcome in outcomes] == [CallError] * POLLS
        assert at_most - before < 10
        # Some milliseconds as a rule. A call that ran on the loop's thread would take it for longer than all of this.
        assert longest < 0.5

    asyncio.run(main())


def test_a_cancelled_poll_is_dropped(stitch: MakeTask, closed: Gate) -> None:
    begun = stitch(SUCCEEDS, on_already_running="attach").trigger()
    assert isinstance(begun, Running)

    async def main() -> None:
        poll = asyncio.create_task(stitch(SUCCEEDS, url=closed.url).apoll(begun.run))
        await wait_for(closed.arrived)
        poll.cancel()
        with pytest.raises(asyncio.CancelledError):
            await poll
        await wait_for(closed.dropped)

    asyncio.run(main())


def test_a_cancelled_trigger_goes_on_and_its_outcome_is_there_for_whoever_asks(stitch: MakeTask, closed: Gate) -> None:
    async def main() -> None:
        call = stitch(TAP_FAILS, url=closed.url, on_already_running="attach").atrigger()

        async def engine() -> object:
            return await call

        triggering = asyncio.create_task(engine())
        await wait_for(closed.arrived)
        triggering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await triggering
        assert not closed.dropped.is_set()
        closed.open.set()
        progress = await asyncio.wait_for(call, 30)
        assert isinstance(progress, Running)
        # As often as they ask, on a thread, too.
        assert await call == call.wait(0) == progress

    asyncio.run(main())
    assert closed.posts == 1


def test_a_trigger_outlives_its_event_loop(stitch: MakeTask, closed: Gate) -> None:
    async def main() -> object:
        call = stitch(TAP_FAILS, url=closed.url, on_already_running="attach").atrigger()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(call, 0.1)
        return call

    call = asyncio.run(main())
    closed.open.set()
    assert isinstance(call.wait(30), Running)  # type: ignore[attr-defined]


def test_an_engine_watches_a_run_by_the_librarys_rules(stitch: MakeTask) -> None:
    async def main() -> Finished:
        task = stitch(SUCCEEDS, on_already_running="attach")
        started = await task.atrigger()
        assert isinstance(started, Running)
        watch = task.watch(started.run, PollPolicy(interval=0.05, ignore_hint=True))
        while watch.wait is not None:
            await asyncio.sleep(watch.wait)
            progress = await watch.apoll()
        assert isinstance(progress, Finished)
        return progress

    assert asyncio.run(main()).verdict == "succeeded"


def test_a_watch_says_whether_a_poll_that_failed_is_made_again(stitch: MakeTask) -> None:
    begun = stitch(SUCCEEDS, on_already_running="attach").trigger()
    assert isinstance(begun, Running)
    lost = stitch(SUCCEEDS, url="http://127.0.0.1:1").watch(begun.run, PollPolicy(interval=7))
    with pytest.raises(CallError):
        lost.poll()
    assert lost.wait is not None
    assert 6 < lost.wait <= 7
    refused = stitch(SUCCEEDS, token="wrong-token").watch(begun.run)
    with pytest.raises(CallError):
        refused.poll()
    assert refused.wait is None


def test_a_check_and_a_settle_and_a_cancel_are_awaited_too(stitch: MakeTask) -> None:
    async def main() -> None:
        with Simulator(speed=1) as slow:
            task = stitch(SUCCEEDS, url=slow.url)
            assert await task.acheck()
            started = await task.atrigger()
            assert isinstance(started, Running)
            assert isinstance(await task.acancel(started.run), Running | Finished)
            with pytest.raises(CallError):
                await task.asettle([])

    asyncio.run(main())


ENDS_AFTER_AN_AWAIT = """
import asyncio, sys
from orchestrator_host import CallError, Host, Secret
plugin = Host().load(sys.argv[1])
task = plugin.task(
    connection={"base_url": "http://127.0.0.1:9"},
    secrets={"access_token": Secret("token")},
    parameters={"source_id": 1},
    allow=["http://127.0.0.1:9"],
)
async def main():
    try:
        await task.apoll("not a run")
    except CallError:
        pass
asyncio.run(main())
"""


def test_a_program_may_end_right_after_a_call_was_awaited() -> None:
    for _ in range(8):
        ended = subprocess.run([sys.executable, "-c", ENDS_AFTER_AN_AWAIT, str(built("STITCH_PLUGIN"))], check=False)
        assert ended.returncode == 0
