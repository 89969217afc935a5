"""What is said of a run."""

from orchestrator_plugin import Finished, Link, Progress, Report, Running, Value, one_line

from dbt_cloud import stored_run
from dbt_cloud.account import Account
from dbt_cloud.run import Run, Status

POLL_AFTER_MS = 10_000
"""How long to wait between two polls."""

_EVENTS = {
    Status.QUEUED: "it waits for its turn",
    Status.STARTING: "it starts",
    Status.RUNNING: "it is running",
    Status.SUCCESS: "it succeeded",
    Status.ERROR: "it failed",
    Status.CANCELLED: "it was cancelled",
}


def progress(account: Account, job_id: int, run: Run, event: str | None = None) -> Progress:
    """Where a run stands. `event` is said in place of its status."""
    verdict = run.status.verdict
    report = _report(account, job_id, run, event or _EVENTS[run.status])
    if verdict is not None:
        return Finished(verdict, report)
    return Running(stored_run.encode(account.id, job_id, run.id), POLL_AFTER_MS, report)


def _report(account: Account, job_id: int, run: Run, event: str) -> Report:
    words = one_line(run.message or "")
    is_news = words and words.lower() != run.status.name.lower()
    metadata: dict[str, Value] = {
        "account_id": account.id,
        "job_id": job_id,
        "run_id": run.id,
        "run_status": run.status.name.lower(),
    }
    if run.duration_s is not None:
        metadata["duration_s"] = run.duration_s
    # The page is of the account's own site: no answer leads anybody elsewhere.
    site = f"{'https' if account.base_url.is_https else 'http'}://{account.base_url.authority}/"
    is_page = run.href is not None and run.href.startswith(site) and run.href.isascii() and run.href.isprintable()
    return Report(
        message=f"run {run.id} of job {job_id}: {event}{f': {words}' if is_news else ''}",
        started_at=run.started_at,
        completed_at=run.finished_at if run.status.verdict else None,
        metadata=metadata,
        links=[Link("Run in dbt Cloud", run.href)] if is_page and run.href else [],
    )
