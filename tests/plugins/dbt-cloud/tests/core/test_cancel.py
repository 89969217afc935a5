import pytest
from orchestrator_plugin import Answer, ErrorKind, TaskError, Verdict
from orchestrator_plugin.scripted import Scripted
from scenario import CANCEL, CONNECTION, LOOK, PARAMETERS, RUN, answer, finished, run, running

import dbt_cloud


def test_a_run_that_has_ended_is_told_and_nothing_is_sent() -> None:
    http = Scripted((LOOK, run(10)))
    assert finished(dbt_cloud.cancel(http, CONNECTION, PARAMETERS, RUN)).verdict is Verdict.SUCCEEDED


@pytest.mark.parametrize(
    ("asked", "event"),
    [
        (run(3), "dbt Cloud was asked to cancel it"),
        (answer(None, 400), "there is nothing to cancel"),
        (answer(None, 404), "there is nothing to cancel"),
        (answer(None, 409), "there is nothing to cancel"),
    ],
)
def test_a_run_that_goes_on_is_cancelled_and_watched(asked: Answer, event: str) -> None:
    http = Scripted((LOOK, run(3)), (CANCEL, asked))
    progress = running(dbt_cloud.cancel(http, CONNECTION, PARAMETERS, RUN))
    assert progress.report.message == f"run 4242 of job 678: {event}"
    assert http.is_over()


def test_a_run_that_cannot_be_cancelled_now_is_an_error() -> None:
    http = Scripted((LOOK, run(3)), (CANCEL, Answer(503)))
    with pytest.raises(TaskError) as raised:
        dbt_cloud.cancel(http, CONNECTION, PARAMETERS, RUN)
    assert (raised.value.kind, raised.value.may_have_started) == (ErrorKind.UNAVAILABLE, False)
