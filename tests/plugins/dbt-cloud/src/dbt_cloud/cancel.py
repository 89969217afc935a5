"""`cancel`: stops our run, and no other."""

from collections.abc import Mapping

from orchestrator_plugin import Http, Progress, TaskError, Value

from dbt_cloud import stored_run
from dbt_cloud.account import Account
from dbt_cloud.parameters import Parameters
from dbt_cloud.report import progress


def cancel(http: Http, connection: Mapping[str, Value], parameters: Mapping[str, Value], run: str) -> Progress:
    """Look at the run, and ask for it to be cancelled unless it has ended."""
    account, job_id = Account.parse(connection), Parameters.parse(parameters).job_id
    run_id = stored_run.decode(run, account.id, job_id)
    api = account.api(http)
    found = api.run(job_id, run_id)
    if found.status.verdict is not None:
        return progress(account, job_id, found)
    try:
        api.cancel(job_id, run_id)
    except TaskError as error:
        # What is answered of a run that has ended meanwhile is not documented; a token that may not cancel is refused, too.
        if error.http_status not in {400, 404, 409}:
            raise
        found = api.run(job_id, run_id)
        if found.status.verdict is None:
            raise
        return progress(account, job_id, found)
    return progress(account, job_id, found, "dbt Cloud was asked to cancel it")
