"""The component's exports."""

import dbt_cloud
from orchestrator_plugin.component import cancellation, preflight, task


class Task(task.Task):
    """`task`."""

    plugin = dbt_cloud


class Cancellation(cancellation.Cancellation):
    """`cancellation`."""

    plugin = dbt_cloud


class Preflight(preflight.Preflight):
    """`preflight`."""

    plugin = dbt_cloud
