"""The operator of a Stitch sync."""

from __future__ import annotations

from typing import Any, Literal

from orchestrator_airflow import PluginOperator

from airflow_provider_stitch.link import StitchLogsLink
from airflow_provider_stitch.trigger import StitchSyncTrigger


class StitchSyncOperator(PluginOperator):
    """Triggers a sync of a Stitch source, waits for its end, and fails unless Stitch shows that all of it went well.

    `source_id` is the last number in the URL of the source's page. `on_already_running` says what follows where a sync of it runs already:
    `fail`, `attach` (wait for that one) or `skip`. `wait_for` is the `extraction`, or the `load` into the warehouse. All are templated.
    Pause the source in Stitch, so that Stitch's own schedule starts nothing beside Airflow.
    """

    trigger_class = StitchSyncTrigger
    operator_extra_links = (StitchLogsLink(),)

    def __init__(
        self,
        *,
        source_id: int | str,
        stitch_conn_id: str = "stitch_default",
        on_already_running: Literal["fail", "attach", "skip"] = "fail",
        wait_for: Literal["extraction", "load"] = "extraction",
        **kwargs: Any,
    ) -> None:
        parameters = {"source_id": source_id, "on_already_running": on_already_running, "wait_for": wait_for}
        super().__init__(conn_id=stitch_conn_id, parameters=parameters, **kwargs)
