"""The plugin for dbt Cloud: starts runs of a job, watches them and tells how they ended. `API.md` says what it relies on."""

from dbt_cloud.cancel import cancel
from dbt_cloud.check import check
from dbt_cloud.descriptor import describe
from dbt_cloud.poll import poll
from dbt_cloud.trigger import trigger

__all__ = ["cancel", "check", "describe", "poll", "trigger"]
