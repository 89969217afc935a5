import logging
import signal
from collections.abc import Iterator

import pytest
from conftest import MakeTask
from gate import Gate, gate
from orchestrator_airflow.kept_run import KeptRun
from orchestrator_airflow.start import StartError, start
from orchestrator_host import CallError, Finished, Report, Running, Starts, TriggerRecord
from records import of_another_machine
from simulator import DELETED, LOAD_FAILS, ON_PAGE_3, SUCCEEDS, TERMINATED, Simulator

LOG = logging.getLogger("task")


class Store:
    """A state store in memory, as Airflow's: what is kept outlives a worker."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def get(self, key: str) -> object:
        return self.values.get(key)

    def set(self, key: str, value: str) -> None:
        self.values[key] = value

    def delete(self, key: str) -> None:
        self.values.pop(key, None)


class Waits(list[float]):
    """How long it would have been waited, in seconds: tests do not."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


class Settles:
    """A task whose trigger is not made again."""

    def settle(self, starts: Starts) -> Finished:
        assert starts.ages() is not None
        return Finished("succeeded", Report("done", (), None, None, {}, ()), None, 0)


@pytest.fixture
def lossy(slow: Simulator) -> Iterator[Gate]:
    with gate(slow.url) as server:
        yield server


def test_a_run_that_was_started_is_kept_before_it_is_watched(stitch: MakeTask, lossy: Gate) -> None:
    kept = KeptRun(Store(), 0)
    progress = start(stitch(lossy.url, source=TERMINATED), kept, LOG, Waits())
    assert isinstance(progress, Running)
    assert kept.run == progress.run
    kept.forget()
    assert kept.run is None
    assert kept.starts is None


def test_a_run_that_is_kept_again_after_its_task_was_cleared_was_started_before() -> None:
    store = Store()
    KeptRun(store, 1).keep("first")
    assert not KeptRun(store, 1).was_cleared
    cleared = KeptRun(store, 2)
    cleared.keep("changed")
    assert (cleared.run, cleared.was_cleared) == ("changed", True)
    cleared.forget()
    cleared.keep("another")
    assert (cleared.run, cleared.was_cleared) == ("another", False)


def test_an_intent_is_kept_before_the_trigger_leaves() -> None:
    store = Store()

    class Dies(Exception):
        pass

    class Worker:
        def trigger(self) -> None:
            assert KeptRun(store, 0).starts is not None
            raise Dies

    with pytest.raises(Dies):
        start(Worker(), KeptRun(store, 0), LOG, Waits())  # type: ignore[arg-type]
    assert KeptRun(store, 0).starts is not None


def test_a_signal_in_a_trigger_loses_no_run(stitch: MakeTask, lossy: Gate) -> None:
    class TimeOut(BaseException):
        pass

    def ring(*_: object) -> None:
        lossy.open.set()
        raise TimeOut

    lossy.open.clear()
    kept = KeptRun(Store(), 0)
    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(TimeOut):
            start(stitch(lossy.url, source=LOAD_FAILS), kept, LOG, Waits())
    finally:
        signal.signal(signal.SIGALRM, before)
    assert kept.run is not None
    assert lossy.started == 1


def test_what_a_tool_says_is_told_where_the_message_is_only_a_status(stitch: MakeTask, lossy: Gate) -> None:
    with pytest.raises(StartError, match=r"^Bad Request: Integration is deleted\.$"):
        start(stitch(lossy.url, source=DELETED), KeptRun(Store(), 0), LOG, Waits())


def test_a_lost_answer_is_settled_and_nothing_is_started_twice(stitch: MakeTask, lossy: Gate) -> None:
    lossy.lose_answers = True
    waits = Waits()

    def sleep(seconds: float) -> None:
        waits(seconds)
        lossy.lose_answers = False

    kept = KeptRun(Store(), 0)
    assert isinstance(start(stitch(lossy.url, source=ON_PAGE_3), kept, LOG, sleep), Running)
    assert lossy.started == 1
    assert kept.run is not None
    # After a failure, and until the request of the trigger can no longer be on its way.
    assert waits[0] >= 5
    assert waits[1] > 0


def test_the_trigger_of_a_worker_that_died_is_settled_by_the_next(stitch: MakeTask, lossy: Gate) -> None:
    store = Store()
    task = stitch(lossy.url)
    KeptRun(store, 0).intend()
    task.trigger()
    # The worker dies before the run is kept.
    before = len(lossy.requests)
    assert isinstance(start(task, KeptRun(store, 0), LOG, Waits()), Running)
    # A second trigger would only send the last of these.
    assert lossy.requests[before] == f"GET /v4/sources/{SUCCEEDS}"
    assert lossy.requests[-1] == f"POST /v4/sources/{SUCCEEDS}/sync"
    assert lossy.started == 1


@pytest.mark.parametrize(("seconds_ago", "wait"), [(-20, 10), (0, 10), (20, 10), (35, 5), (45, 0)])
def test_the_trigger_of_another_machine_is_given_the_time_by_which_clocks_may_differ(
    seconds_ago: int, wait: float
) -> None:
    store = Store()
    KeptRun(store, 0).intend()
    starts = store.values["orchestrator_starts"]
    store.values["orchestrator_starts"] = of_another_machine(starts, seconds_ago)
    slept = Waits()
    start(Settles(), KeptRun(store, 0), LOG, slept)  # type: ignore[arg-type]
    assert slept == pytest.approx([wait], abs=1)


def test_the_trigger_of_this_machine_is_given_ten_seconds_to_show() -> None:
    store = Store()
    KeptRun(store, 0).intend()
    slept = Waits()
    start(Settles(), KeptRun(store, 0), LOG, slept)  # type: ignore[arg-type]
    assert 9 < slept[0] <= TriggerRecord.SHOWN_AFTER


def test_what_was_refused_is_neither_retried_nor_settled(stitch: MakeTask, lossy: Gate) -> None:
    kept = KeptRun(Store(), 0)
    with pytest.raises(StartError) as raised:
        start(stitch(lossy.url, token="wrong-token"), kept, LOG, Waits())
    assert not raised.value.retry
    assert isinstance(raised.value.__cause__, CallError)
    assert kept.starts is None


def test_what_reached_nobody_may_be_tried_again(stitch: MakeTask) -> None:
    kept = KeptRun(Store(), 0)
    with pytest.raises(StartError) as raised:
        start(stitch("http://127.0.0.1:1"), kept, LOG, Waits())
    assert raised.value.retry
    assert kept.starts is None


def test_after_ten_settles_a_person_has_to_look(stitch: MakeTask, lossy: Gate) -> None:
    kept = KeptRun(Store(), 0)
    for _ in range(11):
        kept.intend()
    with pytest.raises(StartError, match="each of 11 calls may have started a run") as raised:
        start(stitch(lossy.url), kept, LOG, Waits())
    assert not raised.value.retry
    assert lossy.posts == 0


def test_a_settle_that_started_nothing_is_not_counted() -> None:
    kept = KeptRun(Store(), 0)
    kept.intend()
    kept.intend()
    kept.started_nothing()
    assert kept.starts is not None
    assert kept.starts.settles == 0
