"""Links from a task on Airflow's web page to its run in the tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperatorLink
from airflow.sdk.bases.xcom import BaseXCom

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

LINKS = "links"
"""The XCom of a task that holds the links of its run's report, each with a label and a URL, however the run ended."""


class RunLink(BaseOperatorLink):
    """The first link of a run's report. Empty where there is none, or none yet."""

    name = "Run"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:  # noqa: ARG002
        """The URL. Airflow asks for it as a task ends or defers."""
        # Of Airflow's two types, one has the other's fields, which cannot be set.
        links = BaseXCom.get_value(ti_key=ti_key, key=LINKS)  # type: ignore[arg-type]
        return str(links[0]["url"]) if links else ""
