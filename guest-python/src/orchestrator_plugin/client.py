"""The HTTP client of a tool's API, for one call and one credential."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from orchestrator_plugin.api_profile import ApiProfile
from orchestrator_plugin.base_url import BaseUrl
from orchestrator_plugin.contract import TaskError
from orchestrator_plugin.errors import not_understood, of_status, start_refused, unanswered, unanswered_start
from orchestrator_plugin.fields import Fields, MisreadError, parse
from orchestrator_plugin.http import Answer, Http, Request, SendError
from orchestrator_plugin.secret import Secret

T = TypeVar("T")


class Client:
    """Sends each request once, and turns its status and its body into an answer or into an error of the contract."""

    def __init__(
        self,
        http: Http,
        profile: ApiProfile,
        base_url: BaseUrl,
        authorization: str = "",
        secrets: Sequence[Secret] = (),
    ) -> None:
        """`authorization` is the header's value; `secrets` are redacted in answers that repeat them."""
        self._http = http
        self._profile = profile
        self._base_url = base_url
        self._secrets = secrets
        self._may_have_started = False
        self._headers = {
            "content-type": "application/json",
            "accept": profile.accept,
            "user-agent": profile.user_agent,
            **({"authorization": authorization} if authorization else {}),
        }

    def get(self, path: str) -> Answer:
        """Send a GET request."""
        return self._send("GET", path, None, unanswered)

    def start(self, path: str, body: object = None) -> Answer:
        """Send a POST request that starts a run.

        Where no whole answer comes, or one that leaves open what happened, the error says that the run may have started, and so does
        every later error of the same call.
        """
        try:
            answer = self._send("POST", path, body, unanswered_start)
        except TaskError as error:
            refused = start_refused(error)
            self._may_have_started |= refused.may_have_started
            raise refused from None
        self._may_have_started = True
        return answer

    def post(self, path: str, body: object = None) -> Answer:
        """Send a POST request that starts nothing: it stops a run, for example."""
        return self._send("POST", path, body, unanswered)

    def put(self, path: str, body: object = None) -> Answer:
        """Send a PUT request, which starts nothing: it replaces a setting, for example."""
        return self._send("PUT", path, body, unanswered)

    def delete(self, path: str) -> Answer:
        """Send a DELETE request, which starts nothing: it stops a run, for example."""
        return self._send("DELETE", path, None, unanswered)

    def understood(self, answer: Answer, read: Callable[[Fields], T]) -> T:
        """What `read` makes of the JSON object in an answer. Raises the error that it was not understood."""
        encoding = answer.headers.get("content-encoding", "identity").lower()
        try:
            if encoding != "identity":
                raise MisreadError(f"it is compressed ({encoding[:20]}), which was not asked for")
            return read(Fields(parse(answer.body)))
        except MisreadError as problem:
            raise self._with_effect(not_understood(self._profile, problem, answer)) from None

    def _with_effect(self, error: TaskError) -> TaskError:
        return replace(error, may_have_started=error.may_have_started or self._may_have_started)

    def _send(self, method: str, path: str, body: object, lost: Callable[[ApiProfile, SendError], TaskError]) -> Answer:
        text = b"" if body is None else json.dumps(body).encode()
        try:
            answer = self._http.send(Request(method, self._base_url, path, self._headers, text))
        except SendError as error:
            raise self._with_effect(lost(self._profile, error)) from None
        for secret in self._secrets:
            answer = replace(answer, body=secret.redact(answer.body))
        if not 200 <= answer.status < 300:
            raise self._with_effect(of_status(self._profile, answer))
        if answer.cut is not None:
            raise self._with_effect(lost(self._profile, answer.cut))
        return answer
