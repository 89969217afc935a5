"""Operators: a run of a plugin as an Airflow task."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, ClassVar

from airflow.sdk import BaseOperator, Context
from airflow.sdk.bases.hook import BaseHook
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from orchestrator_host import CallError, Finished, PollPolicy, Progress, Running, Task

from orchestrator_airflow.connection import Value, task
from orchestrator_airflow.kept_run import KeptRun
from orchestrator_airflow.start import StartError, start
from orchestrator_airflow.trigger import PluginTrigger


class PluginOperator(BaseOperator):
    """A run of a plugin: started once, watched to its end, which is told as it is.

    A run that failed or was cancelled fails the task, and a retry starts another one; a retry of a task that was lost polls the run
    that goes on. A run of which nobody knows how it ended fails without retry, and one that the parameters skip is skipped.
    """

    trigger_class: ClassVar[type[PluginTrigger]]
    """The trigger, which names the plugin."""

    template_fields: Sequence[str] = ("parameters", "conn_id")

    def __init__(
        self,
        *,
        conn_id: str,
        parameters: Mapping[str, Value],
        deferrable: bool = True,
        cancel_on_kill: bool = True,
        policy: PollPolicy | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.conn_id = conn_id
        self.parameters = dict(parameters)
        self.deferrable = deferrable
        self.cancel_on_kill = cancel_on_kill
        self.policy = policy or PollPolicy()
        self._watched: tuple[Task, str] | None = None

    def execute(self, context: Context) -> dict[str, Any]:
        """Starts the run, or goes on with the one that is kept, and waits for its end: in the triggerer, or here."""
        kept, clearing = KeptRun(context["task_state_store"]), _clearing(context)
        if ending := kept.ending(clearing):
            self.log.info("the run ended before, and its worker died before Airflow knew")
            return self._end(kept, ending, clearing)
        task = self._task()
        run, poll_after = kept.run, 0.0
        if run is None:
            try:
                progress = start(task, kept, self.log)
            except StartError as failed:
                raise (AirflowException if failed.retry else AirflowFailException)(str(failed)) from failed
            if isinstance(progress, Finished):
                return self._end(kept, asdict(progress), clearing)
            run, poll_after = progress.run, progress.poll_after
            self.log.info("%s", progress.report.message)
        else:
            self.log.info("goes on with a run that was started before")
        if self.deferrable:
            self.defer(
                trigger=self.trigger_class(
                    conn_id=self.conn_id,
                    parameters=self.parameters,
                    run=run,
                    poll_after=poll_after,
                    policy=asdict(self.policy),
                    cancel_on_kill=self.cancel_on_kill,
                ),
                method_name="complete",
                # The trigger's own limit comes first, and says more.
                timeout=timedelta(seconds=self.policy.timeout) + timedelta(minutes=5),
            )
        time.sleep(self.policy.wait(poll_after))
        return self._end(kept, asdict(self._wait(task, kept, run)), clearing)

    def complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Ends the task as the trigger's event says."""
        kept = KeptRun(context["task_state_store"])
        if message := event.get("failed"):
            kept.keep(event["run"])
            raise AirflowFailException(message)
        return self._end(kept, event["finished"], _clearing(context))

    def on_kill(self) -> None:
        """Asks the tool to stop the run that this worker waits for."""
        if self.cancel_on_kill and self._watched is not None:
            task, run = self._watched
            try:
                task.cancel(run)
            except CallError as error:
                self.log.warning("the run was not cancelled: %s", error)

    def _task(self) -> Task:
        plugin = self.trigger_class.plugin_file.load()
        return task(plugin, BaseHook.get_connection(self.conn_id), self.parameters)

    def _wait(self, task: Task, kept: KeptRun, run: str) -> Progress:
        watch = task.watch(run, self.policy)
        while (wait := watch.wait) is not None:
            self._watched = task, watch.run
            time.sleep(wait)
            try:
                progress = watch.poll()
            except CallError as error:
                if watch.wait is None:
                    raise AirflowFailException(f"the run is not known to have ended: {error}") from error
                self.log.warning("a poll failed and is made again: %s", error)
                continue
            if isinstance(progress, Running):
                kept.keep(progress.run)
                self.log.info("%s", progress.report.message)
                continue
            return progress
        raise AirflowFailException(f"the run has not ended within {self.policy.timeout:.0f} s and goes on")

    def _end(self, kept: KeptRun, finished: dict[str, Any], clearing: int) -> dict[str, Any]:
        verdict, report = finished["verdict"], finished["report"]
        for step in report["steps"]:
            self.log.info("%s: %s%s", step["name"], step["status"], f", {step['message']}" if step["message"] else "")
        if verdict in ("failed", "cancelled"):
            kept.forget()
        else:
            kept.end(finished, clearing)
        if verdict == "succeeded":
            self.log.info("%s", report["message"])
            return {"verdict": verdict, "run": finished["run"], "metadata": report["metadata"]}
        if verdict == "skipped":
            raise AirflowSkipException(report["message"])
        # Of a run of which nobody knows how it ended, a second one may be one too many.
        raise (AirflowFailException if verdict == "unknown" else AirflowException)(f"{verdict}: {report['message']}")


def _clearing(context: Context) -> int:
    """What changes when a task is cleared, and not when it is tried again: Airflow then raises the number of its last attempt."""
    return context["ti"].max_tries
