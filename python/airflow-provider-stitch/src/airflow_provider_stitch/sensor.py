"""The sensor of a Stitch sync."""

from __future__ import annotations

from typing import Any, Literal

from orchestrator_airflow import PluginSensor

from airflow_provider_stitch.link import StitchLogsLink
from airflow_provider_stitch.trigger import StitchSyncTrigger


class StitchSyncSensor(PluginSensor):
    """Waits for the next sync of a Stitch source that completes, whoever starts it, and ends as it does. It starts none and stops none.

    A sync that runs already is the next one. `source_id` is the last number in the URL of the source's page. `wait_for` is the
    `extraction`, or the `load` into the warehouse. Both are templated.
    """

    trigger_class = StitchSyncTrigger
    operator_extra_links = (StitchLogsLink(),)

    def __init__(
        self,
        *,
        source_id: int | str,
        stitch_conn_id: str = "stitch_default",
        wait_for: Literal["extraction", "load"] = "extraction",
        **kwargs: Any,
    ) -> None:
        parameters = {"source_id": source_id, "on_not_running": "wait", "wait_for": wait_for}
        super().__init__(conn_id=stitch_conn_id, parameters=parameters, **kwargs)
