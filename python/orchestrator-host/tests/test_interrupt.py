import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest
from conftest import MakeTask
from gate import Gate, gate
from orchestrator_host import Interrupted, OngoingCall, Running
from simulator import SUCCEEDS, TERMINATED, Simulator


@pytest.fixture
def closed(simulator: Simulator) -> Iterator[Gate]:
    """A gate that holds every request until it is opened."""
    with gate(simulator.url) as server:
        server.open.clear()
        yield server


def press_ctrl_c(closed: Gate, then: Callable[[], object]) -> None:
    """Interrupts this process once a request is under way."""

    def press() -> None:
        closed.arrived.wait(30)
        os.kill(os.getpid(), signal.SIGINT)
        then()

    threading.Thread(target=press).start()


def test_what_another_signal_raises_leaves_the_call_to_whoever_catches_it(stitch: MakeTask, closed: Gate) -> None:
    class TimeOut(BaseException):
        call: OngoingCall

    def ring(*_: object) -> None:
        raise TimeOut

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(TimeOut) as raised:
            stitch(SUCCEEDS, url=closed.url, on_already_running="attach").trigger()
    finally:
        signal.signal(signal.SIGALRM, before)
    closed.open.set()
    assert isinstance(raised.value.call.wait(), Running)


def test_ctrl_c_drops_a_poll(stitch: MakeTask, closed: Gate) -> None:
    begun = stitch(SUCCEEDS, on_already_running="attach").trigger()
    assert isinstance(begun, Running)
    press_ctrl_c(closed, then=lambda: None)
    with pytest.raises(KeyboardInterrupt):
        stitch(SUCCEEDS, url=closed.url).poll(begun.run)
    # Sooner than the host would give up the request by itself.
    assert closed.dropped.wait(10)


def test_ctrl_c_in_a_trigger_is_raised_with_what_became_of_it(stitch: MakeTask, closed: Gate) -> None:
    press_ctrl_c(closed, then=closed.open.set)
    with pytest.raises(Interrupted) as raised:
        stitch(TERMINATED, url=closed.url, on_already_running="attach").trigger()
    assert not closed.dropped.is_set()
    assert isinstance(raised.value.call.wait(0), Running)
    assert closed.posts == 1


def test_a_second_ctrl_c_leaves_at_once_and_the_trigger_goes_on(stitch: MakeTask, closed: Gate) -> None:
    seen = threading.Event()

    def interrupt(number: int, _frame: object) -> None:
        seen.set()
        signal.default_int_handler(number, None)

    def again() -> None:
        seen.wait(30)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        press_ctrl_c(closed, then=again)
        with pytest.raises(Interrupted, match="the call goes on") as raised:
            stitch(TERMINATED, url=closed.url, on_already_running="attach").trigger()
    finally:
        signal.signal(signal.SIGINT, before)
    closed.open.set()
    assert isinstance(raised.value.call.wait(30), Running)
