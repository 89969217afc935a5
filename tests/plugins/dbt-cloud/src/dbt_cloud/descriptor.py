"""`describe`: what the plugin is and what it takes."""

from orchestrator_plugin import Descriptor, Field, FieldKind, RequestBudget

NAME = "dbt-cloud-jobs"
"""The plugin's name: runs are filed under it."""

VERSION = "0.1.0"

BASE_URL = "https://cloud.getdbt.com"
"""Where accounts are that have no access URL of their own."""

CAUSE = "started by an orchestrator"
"""What dbt Cloud shows as a run's cause, where nothing else is given."""


def describe() -> Descriptor:
    """The answer to `describe`."""
    job_id = Field(
        "job_id",
        "Job ID",
        "The job: the number at the end of its page's URL in dbt Cloud",
        kind=FieldKind.INTEGER,
        required=True,
        minimum=1,
        example=123456,
    )
    cause = Field("cause", "Cause", "What dbt Cloud shows as the reason of the run", default=CAUSE)
    token = Field(
        "token",
        "Token",
        "A service token that may run jobs, or a personal access token, from the account's settings in dbt Cloud",
        required=True,
        secret=True,
    )
    account_id = Field(
        "account_id",
        "Account ID",
        "The account: the number after /deploy/ or /accounts/ in the URL of its pages",
        kind=FieldKind.INTEGER,
        required=True,
        minimum=1,
        example=12345,
    )
    base_url = Field(
        "base_url",
        "Base URL",
        "The account's access URL, such as https://ab123.us1.dbt.com; dbt Cloud shows it in the account's settings",
        default=BASE_URL,
    )
    return Descriptor(
        name=NAME,
        version=VERSION,
        tool="dbt Cloud",
        parameters=[job_id, cause],
        connection=[token, account_id, base_url],
        origins=[BASE_URL],
        # For all that begins with /api/, by account.
        poll_budget=RequestBudget(requests=5_000, window_ms=60_000),
    )
