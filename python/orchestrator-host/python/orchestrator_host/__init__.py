"""The host for plugins of ingestion tools: loads them, calls them in a sandbox, and says how their runs ended.

`Host` is built once and loads a `Plugin`. A `Plugin` makes a `Task` of a connection, secrets, parameters and the origins that may be
reached. A task's calls answer with `Running` or `Finished`, or raise `CallError`. All times are in seconds.
"""

from orchestrator_host._native import HostError, InputError, LoadError, Secret, Starts, TriggerRecord
from orchestrator_host.backoff import start_backoff
from orchestrator_host.call_error import CallError, Effect, NextStep
from orchestrator_host.descriptor import Descriptor, Field, RequestBudget
from orchestrator_host.finding import Finding, FindingStatus
from orchestrator_host.host import Host
from orchestrator_host.ongoing_call import Interrupted, OngoingCall
from orchestrator_host.plugin import Plugin
from orchestrator_host.poll_policy import PollPolicy
from orchestrator_host.progress import Finished, Progress, Running, Verdict
from orchestrator_host.rate_limiter import RateLimiter
from orchestrator_host.report import Link, Report, Step, StepStatus
from orchestrator_host.task import Task
from orchestrator_host.watch import Watch

__all__ = [
    "CallError",
    "Descriptor",
    "Effect",
    "Field",
    "Finding",
    "FindingStatus",
    "Finished",
    "Host",
    "HostError",
    "InputError",
    "Interrupted",
    "Link",
    "LoadError",
    "NextStep",
    "OngoingCall",
    "Plugin",
    "PollPolicy",
    "Progress",
    "RateLimiter",
    "Report",
    "RequestBudget",
    "Running",
    "Secret",
    "Starts",
    "Step",
    "StepStatus",
    "Task",
    "TriggerRecord",
    "Verdict",
    "Watch",
    "start_backoff",
]
