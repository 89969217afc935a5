"""A scripted tool, for native tests."""

from orchestrator_plugin.http import Answer, Request, SendError


class Scripted:
    """An `Http` that answers the requests of a script, in its order, and refuses any other."""

    def __init__(self, *exchanges: tuple[str, Answer | SendError]) -> None:
        """Each exchange is a request, such as `GET /jobs/7` or `POST /jobs {"name": "nightly"}`, and what comes of it."""
        self._exchanges = list(exchanges)
        self.sent: list[Request] = []

    def send(self, request: Request) -> Answer:
        """Play the next exchange."""
        self.sent.append(request)
        body = f" {request.body.decode()}" if request.body else ""
        found = f"{request.method} {request.base_url.path}{request.path}{body}"
        if not self._exchanges:
            raise AssertionError(f"sent beyond the script: {found}")
        expected, answer = self._exchanges.pop(0)
        if found != expected:
            raise AssertionError(f"sent {found!r}, expected {expected!r}")
        if isinstance(answer, SendError):
            raise answer
        return answer

    def is_over(self) -> bool:
        """Whether all exchanges were played."""
        return not self._exchanges
