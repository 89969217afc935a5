"""`trigger`: starts a run."""

from collections.abc import Mapping

from orchestrator_plugin import Http, Progress, Value

from dbt_cloud.account import Account
from dbt_cloud.parameters import Parameters
from dbt_cloud.report import progress


def trigger(http: Http, connection: Mapping[str, Value], parameters: Mapping[str, Value]) -> Progress:
    """Start a run of the job, by one request."""
    account, asked = Account.parse(connection), Parameters.parse(parameters)
    return progress(account, asked.job_id, account.api(http).start(asked.job_id, asked.cause))
