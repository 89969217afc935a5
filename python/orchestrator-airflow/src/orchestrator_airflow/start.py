"""Starting a run, once, whatever happens to the worker meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress

from orchestrator_host import (
    CallError,
    Effect,
    NextStep,
    OngoingCall,
    Progress,
    Running,
    Starts,
    Task,
    TriggerRecord,
    start_backoff,
)

from orchestrator_airflow.kept_run import KeptRun
from orchestrator_airflow.log import Log, in_full

MOST_FAILURES = 10
"""The most calls of one attempt that fail: a retry of the task settles on, and the worker is free meanwhile."""


class StartError(Exception):
    """A run was not started, or nobody can tell whether it was."""

    def __init__(self, message: str, *, retry: bool) -> None:
        super().__init__(message)
        self.retry = retry
        """Whether another attempt may help, and is safe."""


def start(task: Task, kept: KeptRun, log: Log, sleep: Callable[[float], None] = time.sleep) -> Progress:
    """Triggers the run, or settles the trigger of a worker that is gone, and keeps what was started.

    Raises `StartError`. What may have started a run stays kept, so that a retry settles it, or whoever clears the task has looked.
    """
    failures = 0
    while True:
        starts = kept.starts
        if starts is not None:
            log.info("a run may have been started already: finding out")
            try:
                _wait_for_the_last(starts, sleep)
            except StartError:
                kept.leave_to_a_person()
                raise
        kept.intend()
        try:
            progress = task.trigger() if starts is None else task.settle(starts)
        except CallError as error:
            if error.effect is Effect.NOTHING:
                kept.started_nothing()
            failures += 1
            if error.next_step is NextStep.ASK_A_PERSON:
                kept.leave_to_a_person()
            if error.next_step is not NextStep.SETTLE:
                raise _failed(error) from error
            if failures == MOST_FAILURES:
                raise StartError(f"whether a run was started is not known yet: {in_full(error)}", retry=True) from error
            log.warning("whether a run was started is not known yet: %s", in_full(error))
            sleep(start_backoff(failures, error.retry_after))
            continue
        except BaseException as interrupted:
            _keep_what_goes_on(interrupted, kept)
            raise
        if isinstance(progress, Running):
            kept.keep(progress.run)
        return progress


def _keep_what_goes_on(interrupted: BaseException, kept: KeptRun) -> None:
    """Keeps the run of a call that a signal has interrupted, such as a time-out of Airflow's: the call ends within a minute."""
    call = getattr(interrupted, "call", None)
    if isinstance(call, OngoingCall):
        # Whatever fails here, the intent is kept, and a retry settles it.
        with suppress(Exception):
            if isinstance(progress := call.wait(), Running):
                kept.keep(progress.run)


def _wait_for_the_last(starts: Starts, sleep: Callable[[float], None]) -> None:
    """The request of the last call may still be on its way."""
    if not starts.may_settle:
        raise StartError(
            f"each of {starts.settles + 1} calls may have started a run: look in the tool before you clear this task",
            retry=False,
        )
    if starts.ages() is None:
        raise StartError(
            "nobody can tell how long ago the run was triggered: look in the tool before you clear this task",
            retry=False,
        )
    sleep(max(0.0, TriggerRecord.SHOWN_AFTER - _least_age(json.loads(starts.to_json())[-1])))


def _least_age(kept: object) -> float:
    """The time that has passed for sure since a call, in seconds: the age that is settled by is the greatest that it may be."""
    record = TriggerRecord.from_json(json.dumps(kept))
    age, greatest = record.age(), record.age_anywhere()
    if age is None or greatest is None:
        return 0.0
    is_of_another_machine = greatest - age >= TriggerRecord.CLOCKS_APART / 2
    return max(0.0, age - TriggerRecord.CLOCKS_APART) if is_of_another_machine else age


def _failed(error: CallError) -> StartError:
    if error.next_step is NextStep.ASK_A_PERSON:
        return StartError(
            f"a run may have been started: look in the tool before you clear this task; {in_full(error)}", retry=False
        )
    return StartError(in_full(error), retry=error.next_step is NextStep.RETRY)
