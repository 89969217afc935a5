import pytest
from orchestrator_plugin import Answer, ErrorKind, NoAnswerError, NotSentError, TaskError
from orchestrator_plugin.scripted import Scripted
from scenario import CONNECTION, PARAMETERS, RUN, START, answer, run, running, triggered

import dbt_cloud


def test_a_start_hands_back_the_run_that_it_began() -> None:
    started = running(triggered(run(1)))
    assert started.run == RUN
    assert started.report.message == "run 4242 of job 678: it waits for its turn"


def test_the_token_goes_into_the_header_and_nowhere_else() -> None:
    http = Scripted((START, run(1)))
    dbt_cloud.trigger(http, CONNECTION, PARAMETERS)
    [sent] = http.sent
    assert sent.headers["authorization"] == "Token dbtc_hush-hush"
    assert "hush" not in repr(sent)


def test_a_cause_is_passed_on() -> None:
    http = Scripted(('POST /api/v2/accounts/12345/jobs/678/run/ {"cause": "nightly"}', run(1)))
    dbt_cloud.trigger(http, CONNECTION, {**PARAMETERS, "cause": "nightly"})
    assert http.is_over()


@pytest.mark.parametrize(
    ("reply", "kind", "may_have_started", "message"),
    [
        (
            Answer(200, {}, b"<html>dbt Cloud</html>"),
            ErrorKind.NOT_UNDERSTOOD,
            True,
            "dbt Cloud's answer was not understood: it is a web page (HTML), not JSON",
        ),
        (Answer(502, {}, b"<h1>Bad Gateway</h1>"), ErrorKind.OUTCOME_UNKNOWN, True, "Bad Gateway"),
        (Answer(503), ErrorKind.UNAVAILABLE, False, "Service Unavailable"),
        (
            NoAnswerError("the connection was closed"),
            ErrorKind.OUTCOME_UNKNOWN,
            True,
            "the request was sent and dbt Cloud did not answer: the connection was closed; the run may be running: look in "
            "dbt Cloud before you trigger again",
        ),
        (
            Answer(200, {}, b'{"data": {"id"', NoAnswerError("its answer broke off")),
            ErrorKind.OUTCOME_UNKNOWN,
            True,
            "the request was sent and dbt Cloud did not answer: its answer broke off; the run may be running: look in "
            "dbt Cloud before you trigger again",
        ),
        (
            NotSentError("the connection was refused; try again later"),
            ErrorKind.UNAVAILABLE,
            False,
            "dbt Cloud was not reached: the connection was refused; try again later",
        ),
        (answer(None, 401, "Invalid token."), ErrorKind.UNAUTHORIZED, False, "Invalid token."),
        (answer(None, 404, "no such job"), ErrorKind.NOT_FOUND, False, "Not Found"),
        (answer(None, 403, "not for you"), ErrorKind.REJECTED, False, "Forbidden"),
        (
            answer(None),
            ErrorKind.NOT_UNDERSTOOD,
            True,
            "dbt Cloud's answer was not understood: data is not an object: null",
        ),
        (
            answer({"id": 4242, "job_definition_id": 679, "status": 1}),
            ErrorKind.NOT_UNDERSTOOD,
            True,
            "dbt Cloud's answer was not understood: data.job_definition_id is 679, not 678",
        ),
    ],
)
def test_a_start_that_fails_says_whether_a_run_may_have_begun(
    reply: Answer | NoAnswerError | NotSentError, kind: ErrorKind, may_have_started: bool, message: str
) -> None:
    with pytest.raises(TaskError) as raised:
        triggered(reply)
    error = raised.value
    assert (error.kind, error.may_have_started, error.message) == (kind, may_have_started, message)


@pytest.mark.parametrize(
    ("connection", "parameters", "message"),
    [
        ({}, {}, "job_id is missing: it is the number at the end of the job's URL in dbt Cloud"),
        ({}, {"job_id": 0}, "job_id must be 1 or more, not 0"),
        ({}, {"job_id": True}, "job_id must be a whole number, such as 123456"),
        ({"token": "Token abc"}, PARAMETERS, "token must not begin with `Bearer` or `Token`: give the token alone"),
        ({"account_id": "x"}, PARAMETERS, "account_id must be a whole number, such as 123456"),
        (
            {"base_url": "cloud.getdbt.com"},
            PARAMETERS,
            "base_url must be an absolute URL such as https://api.example.com",
        ),
    ],
)
def test_what_is_given_wrong_is_refused_before_anything_is_sent(
    connection: dict[str, str], parameters: dict[str, int], message: str
) -> None:
    with pytest.raises(TaskError) as raised:
        dbt_cloud.trigger(Scripted(), {**CONNECTION, **connection}, parameters)
    assert (raised.value.kind, raised.value.message) == (ErrorKind.INVALID_INPUT, message)
