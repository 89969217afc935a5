import pytest
from orchestrator_plugin import Answer, ErrorKind, TaskError, Verdict
from orchestrator_plugin.scripted import Scripted
from scenario import CANCEL, CONNECTION, LOOK, PARAMETERS, RUN, answer, finished, run, running

import dbt_cloud


def test_a_run_that_has_ended_is_told_and_nothing_is_sent() -> None:
    http = Scripted((LOOK, run(10)))
    assert finished(dbt_cloud.cancel(http, CONNECTION, PARAMETERS, RUN)).verdict is Verdict.SUCCEEDED


def test_a_run_that_goes_on_is_cancelled_and_watched() -> None:
    http = Scripted((LOOK, run(3)), (CANCEL, run(3)))
    progress = running(dbt_cloud.cancel(http, CONNECTION, PARAMETERS, RUN))
    assert progress.report.message == "run 4242 of job 678: dbt Cloud was asked to cancel it"
    assert http.is_over()


@pytest.mark.parametrize("status", [400, 404, 409])
def test_a_run_that_ended_before_it_was_cancelled_is_told_as_it_ended(status: int) -> None:
    http = Scripted((LOOK, run(3)), (CANCEL, answer(None, status)), (LOOK, run(20)))
    assert finished(dbt_cloud.cancel(http, CONNECTION, PARAMETERS, RUN)).verdict is Verdict.FAILED
    assert http.is_over()


@pytest.mark.parametrize("status", [400, 404, 409])
def test_a_run_that_goes_on_and_may_not_be_cancelled_is_an_error(status: int) -> None:
    http = Scripted((LOOK, run(3)), (CANCEL, answer(None, status)), (LOOK, run(3)))
    with pytest.raises(TaskError) as raised:
        dbt_cloud.cancel(http, CONNECTION, PARAMETERS, RUN)
    assert raised.value.http_status == status


def test_a_run_that_cannot_be_cancelled_now_is_an_error() -> None:
    http = Scripted((LOOK, run(3)), (CANCEL, Answer(503)))
    with pytest.raises(TaskError) as raised:
        dbt_cloud.cancel(http, CONNECTION, PARAMETERS, RUN)
    assert (raised.value.kind, raised.value.may_have_started) == (ErrorKind.UNAVAILABLE, False)
