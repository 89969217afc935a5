import json
import subprocess

import pytest
from airbyte import DAG_OF_AIRBYTE
from programs import built


def test_another_plugin_is_an_operator_by_some_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    program = [str(built("AIRBYTE_SIMULATOR")), "--until-stdin-closes"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as simulator:
        assert simulator.stdout is not None
        said = json.loads(simulator.stdout.readline())
        connection = {"conn_type": "airbyte", "host": said["url"], "password": said["access_token"]}
        monkeypatch.setenv("AIRFLOW_CONN_AIRBYTE_DEFAULT", json.dumps(connection))
        succeeds = next(it["id"] for it in said["connections"] if it["what"].startswith("succeeds"))
        monkeypatch.setenv("AIRFLOW_VAR_AIRBYTE_CONNECTION", succeeds)
        instance = DAG_OF_AIRBYTE.test().get_task_instance("sync")
        ended = json.loads(simulator.communicate()[0])
    assert instance is not None
    assert str(instance.state) == "success"
    assert instance.xcom_pull(task_ids="sync")["verdict"] == "succeeded"
    assert ended["started"][succeeds] == 1
