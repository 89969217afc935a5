"""Triggers: runs watched in the triggerer, hundreds on one event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, ClassVar

from airflow.sdk.bases.hook import BaseHook
from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
from airflow.triggers.base import BaseTrigger, TriggerEvent
from orchestrator_host import CallError, PollPolicy, Task

from orchestrator_airflow.account_budgets import rate_limiter
from orchestrator_airflow.connection import Value, task
from orchestrator_airflow.log import in_full
from orchestrator_airflow.plugin_file import PluginFile
from orchestrator_airflow.run_watch import RunWatch

KEEP_AFTER = 300.0
"""The time after which a run that has changed is kept anew, in seconds: each time costs the start of a worker."""

_ENDED = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})
"""The states of a task instance that nobody waits for any more."""

_STOPPING: set[asyncio.Task[None]] = set()
"""The work of `on_kill` that goes on: an event loop alone would let go of it."""


class PluginTrigger(BaseTrigger):
    """The watch over a run. It is serialised without secrets, and may go on in another triggerer at any time."""

    plugin_file: ClassVar[PluginFile]
    """The plugin: a DAG's author cannot name another one."""

    def __init__(
        self,
        *,
        conn_id: str,
        parameters: Mapping[str, Value],
        run: str,
        poll_after: float,
        policy: Mapping[str, Any],
        deadline: float,
        cancel_on_kill: bool,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.conn_id = conn_id
        self.parameters = dict(parameters)
        self.watched_run = run
        self.poll_after = poll_after
        self.policy = dict(policy)
        self.deadline = deadline
        self.cancel_on_kill = cancel_on_kill

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class and what it is made of anew."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {
            "conn_id": self.conn_id,
            "parameters": self.parameters,
            "run": self.watched_run,
            "poll_after": self.poll_after,
            "policy": self.policy,
            "deadline": self.deadline,
            "cancel_on_kill": self.cancel_on_kill,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Polls the run to its end, which is the event.

        A run that has changed is an event, too, no more often than `KEEP_AFTER`: a triggerer that takes over begins with the run that
        a worker kept last.
        """
        policy = PollPolicy(**self.policy | {"timeout": max(0.0, self.deadline - time.time())})
        watch, given, began = (
            RunWatch(await self._task(), self.watched_run, policy, self.log),
            self.watched_run,
            time.monotonic(),
        )
        await asyncio.sleep(policy.wait(self.poll_after))
        while (wait := watch.wait) is not None:
            await asyncio.sleep(wait)
            event = await watch.apoll()
            self.watched_run = watch.run
            if event is None:
                continue
            is_due = watch.run != given and time.monotonic() - began >= KEEP_AFTER
            if is_due or "poll_after" not in event:
                yield TriggerEvent(event | {"deadline": self.deadline})
                return
        yield TriggerEvent(watch.timed_out())

    async def on_kill(self) -> None:
        """Asks the tool to stop the run, once a user has ended its task: marked as failed or succeeded, not cleared to be tried again.

        Airflow may call this when it only moves the trigger, so the task instance's own state decides. Airflow also cancels this about
        once a second until it returns: what was begun goes on.
        """
        if self.cancel_on_kill:
            stopping = asyncio.create_task(self._stop())
            _STOPPING.add(stopping)
            stopping.add_done_callback(_STOPPING.discard)
            await asyncio.shield(stopping)

    async def _stop(self) -> None:
        if not await self._has_ended():
            self.log.info("the task has not ended, so its run goes on")
            return
        try:
            await (await self._task()).acancel(self.watched_run)
        except CallError as error:
            self.log.warning("the run was not cancelled: %s", in_full(error))
        else:
            self.log.info("the run is cancelled, since its task was ended")

    async def _has_ended(self) -> bool:
        instance: Any = self.task_instance
        states = await asyncio.to_thread(
            RuntimeTaskInstance.get_task_states,
            dag_id=instance.dag_id,
            task_ids=[instance.task_id],
            run_ids=[instance.run_id],
            map_index=instance.map_index,
        )
        return set(states.get(instance.run_id, {}).values()) <= _ENDED and bool(states.get(instance.run_id))

    async def _task(self) -> Task:
        file = self.plugin_file
        plugin = await asyncio.to_thread(file.load)
        # Whoever polls as often as they like has no budget to keep to.
        limiter = None if self.policy["ignore_hint"] else await asyncio.to_thread(rate_limiter)
        connection = await BaseHook.aget_connection(self.conn_id)
        return task(plugin, connection, file.conn_type, self.parameters, limiter)
