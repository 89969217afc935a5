import pytest
from orchestrator_plugin import Answer, ErrorKind, FindingStatus, TaskError
from orchestrator_plugin.scripted import Scripted
from scenario import CONNECTION, JOB, PARAMETERS, answer

import dbt_cloud

OK, PROBLEM = FindingStatus.OK, FindingStatus.PROBLEM


def checked(reply: Answer) -> list[tuple[str, FindingStatus]]:
    found = dbt_cloud.check(Scripted((JOB, reply)), CONNECTION, PARAMETERS)
    return [(finding.code, finding.status) for finding in found]


@pytest.mark.parametrize(
    ("reply", "findings"),
    [
        (answer({"id": 678, "name": "Nightly", "state": 1}), [("token_accepted", OK), ("job_exists", OK)]),
        (answer({"id": "678"}), [("token_accepted", OK), ("job_exists", OK)]),
        (answer({"id": 678, "state": 2}), [("token_accepted", OK), ("job_exists", PROBLEM)]),
        (answer(None, 401), [("token_accepted", PROBLEM)]),
        (answer(None, 403), [("job_permitted", PROBLEM)]),
        (answer(None, 404), [("job_exists", PROBLEM)]),
    ],
)
def test_the_token_and_the_job_are_looked_at(reply: Answer, findings: list[tuple[str, FindingStatus]]) -> None:
    assert checked(reply) == findings


def test_what_says_nothing_of_the_job_is_an_error() -> None:
    with pytest.raises(TaskError) as raised:
        checked(Answer(503))
    assert raised.value.kind is ErrorKind.UNAVAILABLE
