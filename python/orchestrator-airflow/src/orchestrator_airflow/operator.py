"""Operators: a run of a plugin as an Airflow task."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, ClassVar

from airflow.sdk import Asset, BaseOperator, Context
from airflow.sdk.bases.hook import BaseHook
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    TaskDeferralTimeout,
)
from orchestrator_host import Finished, PollPolicy, Task

from orchestrator_airflow.account_budgets import rate_limiter
from orchestrator_airflow.connection import Value, task
from orchestrator_airflow.kept_run import KeptRun
from orchestrator_airflow.link import LINKS, RunLink
from orchestrator_airflow.run_watch import Event, RunWatch
from orchestrator_airflow.start import StartError, start
from orchestrator_airflow.trigger import PluginTrigger

OUTCOME = "outcome"
"""The XCom of a task that holds its run's verdict, message and metadata, however it ended; of a success the return value does, too."""


class PluginOperator(BaseOperator):
    """A run of a plugin: started once, watched to its end, which is told as it is.

    A run that failed or was cancelled fails the task, and a retry starts another one; a retry of a task that was lost polls the run
    that goes on. A run of which nobody knows how it ended fails without retry, and one that the parameters skip is skipped.
    """

    trigger_class: ClassVar[type[PluginTrigger]]
    """The trigger, which names the plugin."""

    template_fields: Sequence[str] = ("parameters", "conn_id")
    operator_extra_links = (RunLink(),)

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
        self._outcome: dict[str, Any] | None = None

    def execute(self, context: Context) -> dict[str, Any]:
        """Starts the run, or goes on with the one that is kept, and waits for its end: in the triggerer, or here."""
        # Airflow asks for the link however the task ends.
        context["ti"].xcom_push(key=LINKS, value=[])
        return self._run(context, KeptRun(context["task_state_store"], _clearing(context)))

    def _run(self, context: Context, kept: KeptRun) -> dict[str, Any]:
        if ending := kept.ending:
            self.log.info("the run ended before, and its worker died before Airflow knew")
            return self._end(context, kept, ending)
        task, run, poll_after = self._task(), kept.run, 0.0
        if run is None:
            try:
                progress = start(task, kept, self.log)
            except StartError as failed:
                raise (AirflowException if failed.retry else AirflowFailException)(str(failed)) from failed
            if isinstance(progress, Finished):
                return self._end(context, kept, asdict(progress))
            self._push_links(context, asdict(progress.report))
            run, poll_after = progress.run, progress.poll_after
            self.log.info("%s", progress.report.message)
        else:
            self.log.info("goes on with a run that was started before")
        if self.deferrable:
            self._watch_elsewhere(run, poll_after, time.time() + self.policy.timeout)
        time.sleep(self.policy.wait(poll_after))
        return self._conclude(context, kept, self._watch_here(RunWatch(task, run, self.policy, self.log), kept))

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:  # noqa: ANN401
        """Goes on with what the trigger found. A watch that Airflow has ended says so as one that has ended by its own deadline."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except TaskDeferralTimeout as error:
            raise AirflowFailException(
                "no triggerer has watched the run to its deadline, and the run goes on: see that one runs, then clear this task"
            ) from error

    def complete(self, context: Context, event: Event) -> dict[str, Any]:
        """Ends the task as the trigger's event says, or keeps what the watch has found and defers again."""
        kept = KeptRun(context["task_state_store"], _clearing(context))
        if "poll_after" in event:
            kept.keep(event["run"])
            self._watch_elsewhere(event["run"], event["poll_after"], event["deadline"])
        return self._conclude(context, kept, event)

    def _watch_elsewhere(self, run: str, poll_after: float, deadline: float) -> None:
        """Defers the task: the triggerer watches the run."""
        self.defer(
            trigger=self.trigger_class(
                conn_id=self.conn_id,
                parameters=self.parameters,
                run=run,
                poll_after=poll_after,
                policy=asdict(self.policy),
                deadline=deadline,
                cancel_on_kill=self.cancel_on_kill,
            ),
            method_name="complete",
            # The trigger's own deadline comes first, and says more.
            timeout=timedelta(seconds=max(0.0, deadline - time.time())) + timedelta(minutes=5),
        )

    def _task(self) -> Task:
        file = self.trigger_class.plugin_file
        limiter = None if self.policy.ignore_hint else rate_limiter()
        return task(file.load(), BaseHook.get_connection(self.conn_id), file.conn_type, self.parameters, limiter)

    def _watch_here(self, watch: RunWatch, kept: KeptRun) -> Event:
        """The last event of a watch in the worker, which keeps the run after each poll."""
        while (wait := watch.wait) is not None:
            time.sleep(wait)
            event = watch.poll()
            if event is not None and "poll_after" not in event:
                return event
            kept.keep(watch.run)
        return watch.timed_out()

    def _conclude(self, context: Context, kept: KeptRun, event: Event) -> dict[str, Any]:
        """Ends the task as the last event of a watch says."""
        if finished := event.get("finished"):
            return self._end(context, kept, finished)
        kept.keep(event["run"])
        if event.get("timed_out"):
            raise self._timed_out()
        kept.leave_to_a_person()
        raise AirflowFailException(event["lost"])

    def _timed_out(self) -> Exception:
        return AirflowFailException(f"the run has not ended within {self.policy.timeout:.0f} s and goes on")

    def _end(self, context: Context, kept: KeptRun, finished: dict[str, Any]) -> dict[str, Any]:
        verdict, report = finished["verdict"], finished["report"]
        told = {"verdict": verdict, "run": finished["run"], **{name: report[name] for name in ("message", "metadata")}}
        self._outcome = told
        self._push_links(context, report)
        context["ti"].xcom_push(key=OUTCOME, value=told)
        for step in report["steps"]:
            self.log.info("%s: %s%s", step["name"], step["status"], f", {step['message']}" if step["message"] else "")
        if verdict == "cancelled" and kept.was_cleared:
            self.log.info("%s; the task was cleared since that was started, and starts another", report["message"])
            kept.forget()
            return self._run(context, kept)
        if verdict in ("failed", "cancelled"):
            kept.forget()
        else:
            kept.end(finished)
        if verdict == "succeeded":
            self.log.info("%s", report["message"])
            self._describe_assets(context, {"verdict": verdict, **report["metadata"]})
            return told
        if verdict == "skipped":
            raise AirflowSkipException(report["message"])
        # Of a run of which nobody knows how it ended, a second one may be one too many.
        raise (AirflowFailException if verdict == "unknown" else AirflowException)(f"{verdict}: {report['message']}")

    def get_openlineage_facets_on_complete(self, task_instance: object) -> object:  # noqa: ARG002
        """What OpenLineage's provider asks for, where it is installed, however the task has ended."""
        from orchestrator_airflow.lineage import lineage

        return lineage(self.trigger_class.plugin_file.conn_type, self._outcome)

    def _push_links(self, context: Context, report: dict[str, Any]) -> None:
        if report["links"]:
            context["ti"].xcom_push(key=LINKS, value=list(report["links"]))

    def _describe_assets(self, context: Context, facts: dict[str, Any]) -> None:
        """Adds what is known of the run to the events of the task's assets, which Airflow makes once it has succeeded."""
        for outlet in self.outlets:
            if isinstance(outlet, Asset):
                context["outlet_events"][outlet].extra.update(facts)


def _clearing(context: Context) -> int:
    """The task's `max_tries`, which tells a cleared task from one that is tried again: Airflow changes it only as a task is cleared."""
    return context["ti"].max_tries
