"""`poll`: the state of a run."""

from collections.abc import Mapping

from orchestrator_plugin import Http, Progress, Value

from dbt_cloud import stored_run
from dbt_cloud.account import Account
from dbt_cloud.parameters import Parameters
from dbt_cloud.report import progress


def poll(http: Http, connection: Mapping[str, Value], parameters: Mapping[str, Value], run: str) -> Progress:
    """Look at the run. Changes nothing."""
    account, job_id = Account.parse(connection), Parameters.parse(parameters).job_id
    run_id = stored_run.decode(run, account.id, job_id)
    return progress(account, job_id, account.api(http).run(job_id, run_id))
