"""`check`: tells whether a run of the job could start."""

from collections.abc import Mapping, Sequence

from orchestrator_plugin import ErrorKind, Finding, FindingStatus, Http, TaskError, Value

from dbt_cloud.account import Account
from dbt_cloud.parameters import Parameters


def check(http: Http, connection: Mapping[str, Value], parameters: Mapping[str, Value]) -> Sequence[Finding]:
    """Look at the token and the job. Changes nothing."""
    account, job_id = Account.parse(connection), Parameters.parse(parameters).job_id
    try:
        job = account.api(http).job(job_id)
    except TaskError as error:
        return [_problem(error, account, job_id)]
    accepted = Finding("token_accepted", FindingStatus.OK, "dbt Cloud accepts the token")
    if job.is_deleted:
        message = f"{job.name} was deleted: name another job"
        return [accepted, Finding("job_exists", FindingStatus.PROBLEM, message)]
    return [accepted, Finding("job_exists", FindingStatus.OK, f"job {job_id} is {job.name}")]


def _problem(error: TaskError, account: Account, job_id: int) -> Finding:
    if error.kind is ErrorKind.UNAUTHORIZED:
        message = f"dbt Cloud does not accept the token ({error.message}): create one in the account's settings"
        return Finding("token_accepted", FindingStatus.PROBLEM, message)
    if error.kind is ErrorKind.NOT_FOUND:
        message = (
            f"account {account.id} has no job {job_id} that this token may see: compare both numbers, and base_url, with "
            "the URL of the job's page"
        )
        return Finding("job_exists", FindingStatus.PROBLEM, message)
    if error.http_status == 403:
        message = f"the token may not see job {job_id} ({error.message}): give it the permission to run jobs"
        return Finding("job_permitted", FindingStatus.PROBLEM, message)
    raise error
