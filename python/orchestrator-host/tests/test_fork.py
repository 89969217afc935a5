import asyncio
import multiprocessing
import os
from collections.abc import Callable

import pytest
from conftest import MakeTask, follow
from orchestrator_host import OngoingCall, Running, Task
from simulator import ON_PAGE_3, SUCCEEDS

FORK = multiprocessing.get_context("fork")


def in_a_child(work: Callable[[], object]) -> object:
    """What the work returns, done in a child that was forked."""
    receiver, sender = FORK.Pipe(duplex=False)

    def send() -> None:
        try:
            sender.send(work())
        except BaseException as error:
            sender.send(repr(error))

    child = FORK.Process(target=send)
    child.start()
    sender.close()
    if not receiver.poll(30):
        child.kill()
        pytest.fail("the child hangs")
    answer: object = receiver.recv()
    child.join(30)
    assert child.exitcode == 0
    return answer


def sync(task: Task) -> str:
    return follow(task, task.trigger()).verdict


def test_a_child_calls_by_what_its_parent_has_used(stitch: MakeTask) -> None:
    task = stitch(ON_PAGE_3, on_already_running="attach")
    assert sync(task) == "succeeded"
    assert in_a_child(lambda: sync(task)) == "succeeded"
    # Neither is the parent disturbed, nor is a child of the child.
    assert sync(task) == "succeeded"
    assert in_a_child(lambda: in_a_child(lambda: sync(task))) == "succeeded"


def test_a_child_has_an_event_loop_of_its_own(stitch: MakeTask) -> None:
    task = stitch(SUCCEEDS, on_already_running="attach")
    begun = task.trigger()
    assert isinstance(begun, Running)

    async def poll() -> str:
        progress = await task.apoll(begun.run)
        return progress.report.message

    assert asyncio.run(poll())
    assert "Error" not in str(in_a_child(lambda: asyncio.run(poll())))


def test_a_child_lets_go_of_its_parents_objects(stitch: MakeTask) -> None:
    tasks = [stitch(SUCCEEDS)]
    tasks[0].check()

    def let_go() -> str:
        tasks.clear()
        return "let go"

    assert in_a_child(let_go) == "let go"


def test_a_call_under_way_stays_with_its_process(stitch: MakeTask) -> None:
    call: OngoingCall = stitch(SUCCEEDS, on_already_running="attach").atrigger()
    assert f"the process {os.getpid()} alone" in str(in_a_child(lambda: call.wait(0)))
    assert isinstance(call.wait(30), Running)


def test_children_that_are_forked_amid_calls_do_not_hang(stitch: MakeTask) -> None:
    children = 2
    task = stitch(SUCCEEDS, on_already_running="attach")
    calls = [task.atrigger() for _ in range(children)]
    assert [in_a_child(lambda: bool(task.check())) for _ in range(children)] == [True] * children
    assert {type(call.wait(30)) for call in calls} == {Running}
