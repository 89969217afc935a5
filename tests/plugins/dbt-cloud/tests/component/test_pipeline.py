import json
from pathlib import Path

from built import Simulator, built, host_harness
from dbt_cloud_account import ACCOUNT, TOKEN, DbtCloudAccount

MODELS, BROKEN = 678, 679
SUCCESS, ERROR = 10, 20
CUSTOMERS = 120_643
"""A source of the Stitch simulator that succeeds."""


def test_tasks_of_stitch_airbyte_and_dbt_cloud_run_side_by_side(tmp_path: Path) -> None:
    with (
        Simulator("STITCH_SIMULATOR", "--speed", "60") as stitch,
        Simulator("AIRBYTE_SIMULATOR") as airbyte,
        DbtCloudAccount(ends={MODELS: SUCCESS, BROKEN: ERROR}) as dbt_cloud,
    ):
        stitch_url = stitch.line().removeprefix("listening on ").strip()
        stitch_token = stitch.line().removeprefix("access token ").strip()
        said = airbyte.introduction()
        succeeds = next(each["id"] for each in said["connections"] if each["what"] == "succeeds after 1 s")
        file = tmp_path / "nightly.toml"
        file.write_text(
            f"""
            name = "nightly"
            [connections.stitch]
            plugin = "{built("STITCH_PLUGIN")}"
            allow = ["{stitch_url}"]
            fields.base_url = "{stitch_url}"
            secrets.access_token = "env:STITCH_TOKEN"
            [connections.airbyte]
            plugin = "{built("AIRBYTE_PLUGIN")}"
            allow = ["{said["url"].removesuffix("/v1")}"]
            fields.base_url = "{said["url"]}"
            secrets.access_token = "env:AIRBYTE_TOKEN"
            [connections.dbt_cloud]
            plugin = "{built("DBT_CLOUD_PLUGIN")}"
            limits = "interpreter"
            allow = ["{dbt_cloud.url}"]
            fields = {{ base_url = "{dbt_cloud.url}", account_id = {ACCOUNT} }}
            secrets.token = "env:DBT_CLOUD_TOKEN"
            [tasks.customers]
            connection = "stitch"
            parameters.source_id = {CUSTOMERS}
            [tasks.crm]
            connection = "airbyte"
            parameters.connection_id = "{succeeds}"
            [tasks.models]
            connection = "dbt_cloud"
            parameters.job_id = {MODELS}
            after = ["customers", "crm"]
            [tasks.broken]
            connection = "dbt_cloud"
            parameters.job_id = {BROKEN}
            """
        )
        store = ("--store", tmp_path / "runs.db")
        polls = ("--poll-interval", "200ms", "--ignore-poll-hint")
        tokens = {
            "STITCH_TOKEN": stitch_token,
            "AIRBYTE_TOKEN": said["access_token"],
            "DBT_CLOUD_TOKEN": TOKEN,
        }
        done = host_harness("pipeline", "run", file, *store, *polls, **tokens)
        assert done.returncode == 1, done.stdout + done.stderr
        shown = json.loads(host_harness("runs", "show", "1", "--output", "json", *store).stdout)
        states = {task["name"]: task["state"] for task in shown["runs"][0]["tasks"]}
        assert states == {"customers": "succeeded", "crm": "succeeded", "models": "succeeded", "broken": "failed"}
        assert sorted(dbt_cloud.started) == [MODELS, BROKEN]
