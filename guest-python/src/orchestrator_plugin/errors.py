"""Constructors of the contract's errors, each with its code and its message.

The codes: `invalid_input`, `not_understood`, `not_reached`, `no_answer`, `egress_denied`, one of the profile's `not_found`, the tool's
own code for a 409, since there are many kinds, and `http_` with the number of any other error status.
"""

from dataclasses import replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from orchestrator_plugin.api_profile import ApiProfile
from orchestrator_plugin.contract import ErrorKind, TaskError
from orchestrator_plugin.error_body import ErrorBody
from orchestrator_plugin.http import Answer, DeniedError, NoAnswerError, NotSentError, SendError, UnusableAnswerError
from orchestrator_plugin.text import one_line, shorten

EXCERPT = 200
"""The most characters that an error shows of an answer."""


def invalid_input(field: str, problem: object) -> TaskError:
    """A field of the connection or of the parameters, or the run, is wrong."""
    return TaskError(ErrorKind.INVALID_INPUT, "invalid_input", f"{field} {problem}")


def not_understood(profile: ApiProfile, problem: object, answer: Answer) -> TaskError:
    """A whole answer with a status of success is not as documented."""
    excerpt = shorten(answer.body.decode(errors="replace"), EXCERPT)
    message = f"{profile.name}'s answer was not understood: {problem}"
    return TaskError(ErrorKind.NOT_UNDERSTOOD, "not_understood", message, excerpt or None, answer.status)


def unanswered(profile: ApiProfile, error: SendError) -> TaskError:
    """No whole answer came to a request that may be sent again."""
    again = "" if isinstance(error, UnusableAnswerError) else "; try again later"
    message = f"{profile.name} did not answer: {error}{again}"
    return _unsent(profile, error) or TaskError(ErrorKind.UNAVAILABLE, "no_answer", message, _raw(error))


def unanswered_start(profile: ApiProfile, error: SendError) -> TaskError:
    """No whole answer came to a request that starts a run: what became of it is unknown."""
    message = (
        f"the request was sent and {profile.name} did not answer: {error}; the {profile.run} may be running: look in "
        f"{profile.name} before you trigger again"
    )
    unknown = TaskError(ErrorKind.OUTCOME_UNKNOWN, "no_answer", message, _raw(error), may_have_started=True)
    return _unsent(profile, error) or unknown


def of_status(profile: ApiProfile, answer: Answer) -> TaskError:
    """The error of a response with an error status.

    The message of a 401 is the tool's own, that of any other status its HTTP reason phrase, as the engine's users are promised.
    """
    status, body = answer.status, ErrorBody.parse(profile, answer.body)
    is_not_found = body.code is not None and body.code in profile.not_found
    kind = ErrorKind.REJECTED
    if status == HTTPStatus.UNAUTHORIZED:
        kind = ErrorKind.UNAUTHORIZED
    elif status == HTTPStatus.NOT_FOUND or is_not_found:
        kind = ErrorKind.NOT_FOUND
    elif status in {408, 425, 429} or 500 <= status < 600:
        kind = ErrorKind.UNAVAILABLE
    own_code = body.code if is_not_found or status == HTTPStatus.CONFLICT else None
    message = one_line(body.message or "") if kind is ErrorKind.UNAUTHORIZED else ""
    retry_after_ms = _retry_after_ms(answer) if kind is ErrorKind.UNAVAILABLE else None
    return TaskError(kind, own_code or f"http_{status}", message or _reason(answer), body.raw, status, retry_after_ms)


def start_refused(error: TaskError) -> TaskError:
    """The same of a request that starts a run: a status that leaves open what happened makes the outcome unknown."""
    if error.http_status is not None and leaves_open(error.http_status):
        return replace(error, kind=ErrorKind.OUTCOME_UNKNOWN, retry_after_ms=None, may_have_started=True)
    return error


def leaves_open(status: int) -> bool:
    """Whether a status leaves open if the request took effect.

    It does where a server gave up waiting or failed, perhaps with the request half done. Only 501, 503 and 505 say that the server did
    not take it on, and 511 that a gateway did not pass it on. A 303 answers a request that was done.
    """
    return status in {303, 408} or (500 <= status < 600 and status not in {501, 503, 505, 511})


def _unsent(profile: ApiProfile, error: SendError) -> TaskError | None:
    if isinstance(error, DeniedError):
        message = f"the host did not let the request to {profile.name} out: allow the origin of base_url"
        return TaskError(ErrorKind.DENIED, "egress_denied", message)
    if isinstance(error, NotSentError):
        return TaskError(ErrorKind.UNAVAILABLE, "not_reached", f"{profile.name} was not reached: {error}")
    return None


def _raw(error: SendError) -> str | None:
    return one_line(error.raw) if isinstance(error, NoAnswerError) and error.raw else None


def _reason(answer: Answer) -> str:
    try:
        reason = HTTPStatus(answer.status).phrase
    except ValueError:
        reason = f"HTTP status {answer.status}"
    location = answer.headers.get("location")
    if location is None or not 300 <= answer.status < 400:
        return reason
    # The user, the query and the fragment may hold secrets.
    scheme, _, rest = location.split("?")[0].split("#")[0].rpartition("//")
    host, slash, path = rest.partition("/")
    shown = f"{scheme}//{host.rpartition('@')[2]}{slash}{path}" if scheme else rest
    return f"{reason}: it leads to {one_line(shown)}; see whether base_url is right"


def _retry_after_ms(answer: Answer) -> int | None:
    """`Retry-After` in either of its forms (RFC 9110, section 10.2.3). A date counts from the answer's `Date`."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 12:
        return int(text) * 1000
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return max(int(wait.total_seconds()), 0) * 1000
