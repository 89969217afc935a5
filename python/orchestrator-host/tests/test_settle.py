from collections.abc import Iterator

import pytest
from conftest import MakeTask
from gate import Gate, gate
from orchestrator_host import CallError, Effect, NextStep, Running, Starts, Task, TriggerRecord
from simulator import SUCCEEDS, Simulator


@pytest.fixture
def lossy() -> Iterator[Gate]:
    """Stitch at its own pace, since a trigger's age is told by it, behind a gate that loses what starts a job."""
    with Simulator(speed=1) as simulator, gate(simulator.url) as server:
        server.lose_answers = True
        yield server


def attaching(stitch: MakeTask, lossy: Gate) -> Task:
    """A task that takes whichever job runs, since no source of the simulator is paused."""
    return stitch(SUCCEEDS, url=lossy.url, on_already_running="attach")


def lose(stitch: MakeTask, lossy: Gate) -> CallError:
    """Triggers, loses the answer, and loses no more."""
    with pytest.raises(CallError) as raised:
        attaching(stitch, lossy).trigger()
    lossy.lose_answers = False
    return raised.value


def test_a_trigger_whose_answer_is_lost_may_have_started_a_run(stitch: MakeTask, lossy: Gate) -> None:
    error = lose(stitch, lossy)
    assert (error.kind, error.effect, error.next_step) == ("outcome_unknown", Effect.PERHAPS, NextStep.SETTLE)
    assert lossy.posts == 1


def test_settling_finds_the_run_that_was_started_and_starts_no_second_one(stitch: MakeTask, lossy: Gate) -> None:
    starts = Starts(TriggerRecord.now())
    lose(stitch, lossy)
    task = attaching(stitch, lossy)
    settled = task.settle(Starts.from_json(starts.to_json()))
    assert isinstance(settled, Running)
    assert isinstance(task.poll(settled.run), Running)
    # One job was started by the trigger; what settling sent, if anything, Stitch has refused.
    assert lossy.started == 1


def test_settling_starts_the_run_of_a_trigger_that_never_arrived(stitch: MakeTask, lossy: Gate) -> None:
    lossy.lose_answers = False
    settled = attaching(stitch, lossy).settle(Starts(TriggerRecord.now()))
    assert isinstance(settled, Running)
    assert lossy.started == 1


def test_an_engine_may_tell_the_age_by_a_clock_of_its_own(stitch: MakeTask, lossy: Gate) -> None:
    lose(stitch, lossy)
    assert isinstance(attaching(stitch, lossy).settle([0.5]), Running)
    assert lossy.started == 1


def test_a_trigger_whose_age_nobody_can_tell_is_for_a_person(stitch: MakeTask) -> None:
    future = TriggerRecord.from_json(
        '{"at": {"secs_since_epoch": 99999999999, "nanos_since_epoch": 0}, "uptime": null, '
        '"written": {"secs_since_epoch": 99999999999, "nanos_since_epoch": 0}}'
    )
    with pytest.raises(CallError) as raised:
        stitch(SUCCEEDS).settle(Starts(future))
    assert (raised.value.code, raised.value.next_step) == ("age_unknown", NextStep.ASK_A_PERSON)
    assert raised.value.effect == Effect.PERHAPS
