"""Sensors: runs that others start, waited for by an Airflow task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from airflow.configuration import conf
from airflow.sdk.exceptions import AirflowSensorTimeout
from orchestrator_host import PollPolicy

from orchestrator_airflow.connection import Value
from orchestrator_airflow.operator import PluginOperator


class PluginSensor(PluginOperator):
    """A wait for the next run, which starts none and stops none.

    The parameters must be ones by which the plugin's trigger only waits, such as Stitch's `on_not_running` of `wait`. Their run is kept
    and watched as an operator's is: the wait outlives workers and triggerers, and a retry goes on from when the first attempt came. It ends
    as the run does, so a run that failed fails the task, and a retry waits for another one.
    """

    def __init__(
        self,
        *,
        conn_id: str,
        parameters: Mapping[str, Value],
        timeout: float | timedelta | None = None,
        policy: PollPolicy | None = None,
        **kwargs: Any,
    ) -> None:
        """`timeout` is the longest wait of an attempt, in seconds, and Airflow's `[sensors] default_timeout` where none is given.

        A task that has waited for so long fails without retry.
        """
        if timeout is None:
            timeout = conf.getfloat("sensors", "default_timeout")
        seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
        policy = replace(policy or PollPolicy(), timeout=seconds)
        super().__init__(conn_id=conn_id, parameters=parameters, policy=policy, cancel_on_kill=False, **kwargs)

    def _timed_out(self) -> Exception:
        return AirflowSensorTimeout(f"no run has completed within {self.policy.timeout:.0f} s")
