"""An account of dbt Cloud, and its API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator_plugin import ApiProfile, BaseUrl, Client, Http, Inputs, Secret, Value

from dbt_cloud.descriptor import BASE_URL, NAME, VERSION
from dbt_cloud.job import Job
from dbt_cloud.run import Run

PROFILE = ApiProfile(
    name="dbt Cloud",
    run="run",
    user_agent=f"{NAME}/{VERSION}",
    message_at=[["status", "user_message"], ["detail"]],
)


@dataclass(frozen=True)
class Account:
    """How dbt Cloud is reached, and as whom."""

    base_url: BaseUrl
    id: int
    token: Secret

    @classmethod
    def parse(cls, values: Mapping[str, Value]) -> Account:
        """Parse the connection that the host hands in."""
        inputs = Inputs(values)
        token = inputs.secret("token", "create a service token in the account's settings in dbt Cloud")
        account_id = inputs.id("account_id", "it is the number in the URLs of the account's pages in dbt Cloud")
        return cls(inputs.base_url(BASE_URL), account_id, token)

    def api(self, http: Http) -> Api:
        """The account's API, for one call."""
        authorization = f"Token {self.token.expose()}"
        return Api(Client(http, PROFILE, self.base_url, authorization, [self.token]), self.id)


class Api:
    """The requests of one call. Every path ends with a slash: without it dbt Cloud answers a POST with 405."""

    def __init__(self, client: Client, account_id: int) -> None:
        self._client = client
        self._account = f"/api/v2/accounts/{account_id}"

    def start(self, job_id: int, cause: str) -> Run:
        """Start a run, by the one request of a trigger."""
        answer = self._client.start(f"{self._account}/jobs/{job_id}/run/", {"cause": cause})
        return self._client.understood(answer, lambda envelope: Run.read(envelope, job_id))

    def run(self, job_id: int, run_id: int) -> Run:
        """Look at a run."""
        answer = self._client.get(f"{self._account}/runs/{run_id}/")
        return self._client.understood(answer, lambda envelope: Run.read(envelope, job_id, run_id))

    def cancel(self, job_id: int, run_id: int) -> Run:
        """Ask for a run to be cancelled."""
        answer = self._client.post(f"{self._account}/runs/{run_id}/cancel/")
        return self._client.understood(answer, lambda envelope: Run.read(envelope, job_id, run_id))

    def job(self, job_id: int) -> Job:
        """Look at a job."""
        answer = self._client.get(f"{self._account}/jobs/{job_id}/")
        return self._client.understood(answer, lambda envelope: Job.read(envelope, job_id))
