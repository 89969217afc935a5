"""What the tests share: a connection, a run, and dbt Cloud's answers about it."""

import json

from orchestrator_plugin import Answer, Finished, Progress, Running, Value
from orchestrator_plugin.http import SendError
from orchestrator_plugin.scripted import Scripted

import dbt_cloud

CONNECTION: dict[str, Value] = {"token": "dbtc_hush-hush", "account_id": 12345}
PARAMETERS: dict[str, Value] = {"job_id": 678}
RUN = '{"format":"dbt-cloud-jobs/1","account_id":12345,"job_id":678,"run_id":4242}'

START = 'POST /api/v2/accounts/12345/jobs/678/run/ {"cause": "started by an orchestrator"}'
LOOK = "GET /api/v2/accounts/12345/runs/4242/"
CANCEL = "POST /api/v2/accounts/12345/runs/4242/cancel/"
JOB = "GET /api/v2/accounts/12345/jobs/678/"

Reply = Answer | SendError


def answer(data: object, status: int = 200, message: str = "Success!") -> Answer:
    """An answer as dbt Cloud puts it."""
    said = {"code": status, "is_success": status == 200, "user_message": message, "developer_message": ""}
    return Answer(status, {}, json.dumps({"status": said, "data": data}).encode())


def run(status: int, **more: object) -> Answer:
    """The answer about our run."""
    return answer({"id": 4242, "job_definition_id": 678, "status": status, **more})


def triggered(reply: Reply) -> Progress:
    """What a trigger comes to."""
    return dbt_cloud.trigger(Scripted((START, reply)), CONNECTION, PARAMETERS)


def polled(reply: Reply, text: str = RUN) -> Progress:
    """What a poll comes to."""
    return dbt_cloud.poll(Scripted((LOOK, reply)), CONNECTION, PARAMETERS, text)


def running(progress: Progress) -> Running:
    """The progress of a run that goes on."""
    assert isinstance(progress, Running)
    return progress


def finished(progress: Progress) -> Finished:
    """The progress of a run that has ended."""
    assert isinstance(progress, Finished)
    return progress
