import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from gate import gate
from simulator import Simulator

RUNS = 500
SECONDS = 40


def measured(kind: str, url: str, token: str) -> dict[str, Any]:
    program = str(Path(__file__).with_name("measure_triggers.py"))
    connection = json.dumps({"conn_type": "stitch", "host": url, "password": token})
    variables = os.environ | {"AIRFLOW_CONN_STITCH_DEFAULT": connection, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, program, kind, str(RUNS), str(SECONDS)]
    said = subprocess.run(command, env=variables, stdout=subprocess.PIPE, check=True, timeout=300).stdout
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


@pytest.mark.slow
def test_five_hundred_deferred_syncs_share_one_event_loop(capsys: pytest.CaptureFixture[str]) -> None:
    # A real tool's answers take their time, too.
    found = []
    for kind in ("plugin", "threads", "blocking"):
        with Simulator(speed=0.2) as simulator, gate(simulator.url) as server:
            server.delay = 0.2
            found.append(measured(kind, server.url, simulator.token))
    with capsys.disabled():
        print("", *found, sep="\n")  # noqa: T201
    ours, _, blocking = found
    assert ours["polls"] >= RUNS
    assert ours["longest_pause_ms"] < 500
    # That it is measured at all shows in what does block.
    assert blocking["longest_pause_ms"] > 150
