import json

import pytest

from orchestrator_plugin import (
    Answer,
    ApiProfile,
    BaseUrl,
    Client,
    ErrorKind,
    NoAnswerError,
    NotSentError,
    Secret,
    TaskError,
)
from orchestrator_plugin.http import DeniedError, SendError, UnusableAnswerError
from orchestrator_plugin.scripted import Scripted

ACME = ApiProfile("acme", "job", "acme-plugin/0.1.0", code_at=[["code"]], message_at=[["message"]], not_found=["gone"])
URL = BaseUrl.parse("https://api.example.com")


def client(*exchanges: tuple[str, Answer | SendError]) -> Client:
    secret = Secret("hush-hush")
    return Client(Scripted(*exchanges), ACME, URL, f"Bearer {secret.expose()}", [secret])


def refused(reply: Answer | SendError, *, starts: bool = False) -> TaskError:
    with pytest.raises(TaskError) as raised:
        client(("POST /jobs {}", reply)).start("/jobs", {}) if starts else client(("GET /jobs", reply)).get("/jobs")
    return raised.value


def test_an_answer_that_repeats_the_secret_loses_it() -> None:
    answer = client(("GET /jobs", Answer(200, {}, b'{"token": "hush-hush"}'))).get("/jobs")
    assert answer.body == b'{"token": "***"}'
    error = refused(Answer(401, {}, b'{"message": "no such token: hush-hush"}'))
    assert (error.kind, error.message) == (ErrorKind.UNAUTHORIZED, "no such token: ***")


@pytest.mark.parametrize(
    ("status", "of_start", "of_read"),
    [
        (303, ErrorKind.OUTCOME_UNKNOWN, ErrorKind.REJECTED),
        (408, ErrorKind.OUTCOME_UNKNOWN, ErrorKind.UNAVAILABLE),
        (500, ErrorKind.OUTCOME_UNKNOWN, ErrorKind.UNAVAILABLE),
        (502, ErrorKind.OUTCOME_UNKNOWN, ErrorKind.UNAVAILABLE),
        (524, ErrorKind.OUTCOME_UNKNOWN, ErrorKind.UNAVAILABLE),
        (501, ErrorKind.UNAVAILABLE, ErrorKind.UNAVAILABLE),
        (503, ErrorKind.UNAVAILABLE, ErrorKind.UNAVAILABLE),
        (511, ErrorKind.UNAVAILABLE, ErrorKind.UNAVAILABLE),
        (429, ErrorKind.UNAVAILABLE, ErrorKind.UNAVAILABLE),
        (409, ErrorKind.REJECTED, ErrorKind.REJECTED),
        (404, ErrorKind.NOT_FOUND, ErrorKind.NOT_FOUND),
    ],
)
def test_a_server_that_failed_leaves_open_whether_a_run_began(
    status: int, of_start: ErrorKind, of_read: ErrorKind
) -> None:
    start, read = refused(Answer(status), starts=True), refused(Answer(status))
    assert (start.kind, start.may_have_started) == (of_start, of_start is ErrorKind.OUTCOME_UNKNOWN)
    assert (read.kind, read.may_have_started) == (of_read, False)


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (DeniedError(), ErrorKind.DENIED, "egress_denied"),
        (NotSentError("x"), ErrorKind.UNAVAILABLE, "not_reached"),
        (NoAnswerError("x"), ErrorKind.UNAVAILABLE, "no_answer"),
        (UnusableAnswerError("x"), ErrorKind.UNAVAILABLE, "no_answer"),
    ],
)
def test_a_request_without_an_answer_is_an_error_by_whether_it_was_sent(
    reply: SendError, kind: ErrorKind, code: str
) -> None:
    assert (refused(reply).kind, refused(reply).code) == (kind, code)
    is_sent = isinstance(reply, NoAnswerError)
    start = refused(reply, starts=True)
    assert (start.kind, start.may_have_started) == (ErrorKind.OUTCOME_UNKNOWN if is_sent else kind, is_sent)


def test_what_comes_after_a_start_says_that_a_run_may_have_begun() -> None:
    acme = client(("POST /jobs", Answer(200)), ("GET /jobs", Answer(503)))
    acme.start("/jobs")
    with pytest.raises(TaskError) as raised:
        acme.get("/jobs")
    assert (raised.value.kind, raised.value.may_have_started) == (ErrorKind.UNAVAILABLE, True)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "60"}, 60_000),
        ({"retry-after": "Mon, 05 Jan 2026 10:01:00 GMT", "date": "Mon, 05 Jan 2026 10:00:00 GMT"}, 60_000),
        ({"retry-after": "Mon, 05 Jan 2026 10:01:00 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "٣"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait_is_read_in_both_its_forms(headers: dict[str, str], wait: int | None) -> None:
    assert refused(Answer(429, headers)).retry_after_ms == wait


@pytest.mark.parametrize(
    ("location", "message"),
    [
        (
            "https://me:pw@login.example.com/in?key=1#x",
            "Found: it leads to https://login.example.com/in; see whether base_url is right",
        ),
        ("/login?key=1", "Found: it leads to /login; see whether base_url is right"),
    ],
)
def test_a_redirect_shows_where_it_leads_without_what_may_be_secret(location: str, message: str) -> None:
    assert refused(Answer(302, {"location": location})).message == message


@pytest.mark.parametrize(
    ("body", "code", "raw"),
    [
        ({"code": "Conflict-One", "message": "no"}, "conflict_one", "no"),
        ({"code": "two\nlines", "message": "no"}, "http_409", "no"),
        ({"odd": 1}, "http_409", '{"odd": 1}'),
        ({}, "http_409", None),
    ],
)
def test_a_conflict_has_the_tools_own_code(body: object, code: str, raw: str | None) -> None:
    error = refused(Answer(409, {}, json.dumps(body).encode()))
    assert (error.code, error.message, error.raw_message) == (code, "Conflict", raw)


def test_an_error_may_mean_not_found_whatever_its_status_is() -> None:
    error = refused(Answer(400, {}, b'{"code": "gone"}'))
    assert (error.kind, error.code) == (ErrorKind.NOT_FOUND, "gone")
