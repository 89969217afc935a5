"""What is remembered of a run between two calls."""

from orchestrator_plugin import Fields, RunFormat, invalid_input

from dbt_cloud.descriptor import NAME

FORMAT = RunFormat(NAME, version=1)


def encode(account_id: int, job_id: int, run_id: int) -> str:
    """The text of a run."""
    return FORMAT.encode(account_id=account_id, job_id=job_id, run_id=run_id)


def decode(text: str, account_id: int, job_id: int) -> int:
    """The id of a run of this account and job. Any other is refused."""

    def read(fields: Fields) -> tuple[int, int, int]:
        return fields.id("account_id"), fields.id("job_id"), fields.id("run_id")

    of_account, of_job, run_id = FORMAT.decode(text, read)
    for name, written, asked in (("account_id", of_account, account_id), ("job_id", of_job, job_id)):
        if written != asked:
            problem = f"is of {name} {written}, not of {asked}: poll with the arguments of its trigger"
            raise invalid_input("run", problem)
    return run_id
