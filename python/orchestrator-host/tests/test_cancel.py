import pytest
from conftest import MakeTask, follow
from orchestrator_host import CallError, Running
from simulator import ALREADY_RUNNING, SUCCEEDS, Simulator


def test_a_cancelled_run_ends_as_cancelled(stitch: MakeTask) -> None:
    # At its own pace, so that it still runs when it is cancelled.
    with Simulator(speed=1) as slow:
        task = stitch(SUCCEEDS, url=slow.url)
        progress = task.trigger()
        assert isinstance(progress, Running)
        assert follow(task, task.cancel(progress.run)).verdict == "cancelled"


def test_somebody_elses_run_is_not_cancelled(stitch: MakeTask) -> None:
    task = stitch(ALREADY_RUNNING, on_already_running="attach")
    progress = task.trigger()
    assert isinstance(progress, Running)
    with pytest.raises(CallError) as raised:
        task.cancel(progress.run)
    assert raised.value.code == "attached"
