"""The link from a task to Stitch's logs."""

from orchestrator_airflow import RunLink


class StitchLogsLink(RunLink):
    """The logs of a sync's extraction, which Stitch's API gives to whoever has the access token."""

    name = "Stitch logs"
