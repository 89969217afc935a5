"""The component's exports."""

from orchestrator_plugin.component import cancellation, preflight, task

import dbt_cloud


class Task(task.Task):
    """`task`."""

    plugin = dbt_cloud


class Cancellation(cancellation.Cancellation):
    """`cancellation`."""

    plugin = dbt_cloud


class Preflight(preflight.Preflight):
    """`preflight`."""

    plugin = dbt_cloud
