import pytest
from orchestrator_plugin import Answer, ErrorKind, Link, TaskError, Verdict
from scenario import RUN, answer, finished, polled, run, running


@pytest.mark.parametrize(("status", "event"), [(1, "it waits for its turn"), (2, "it starts"), (3, "it is running")])
def test_a_run_that_goes_on_is_asked_for_again(status: int, event: str) -> None:
    progress = running(polled(run(status)))
    assert (progress.run, progress.report.message) == (RUN, f"run 4242 of job 678: {event}")


@pytest.mark.parametrize(
    ("status", "verdict"), [(10, Verdict.SUCCEEDED), (20, Verdict.FAILED), (30, Verdict.CANCELLED)]
)
def test_each_end_is_its_verdict_with_its_times(status: int, verdict: Verdict) -> None:
    times = {"started_at": "2026-01-05 10:00:09.500000+00:00", "finished_at": "2026-01-05 12:02:00+02:00"}
    progress = finished(polled(run(status, **times)))
    assert progress.verdict is verdict
    report = progress.report
    assert (report.started_at, report.completed_at) == ("2026-01-05T10:00:09Z", "2026-01-05T10:02:00Z")
    assert report.metadata["duration_s"] == 111


def test_a_failed_run_says_why() -> None:
    report = finished(polled(run(20, status_message="1 of 3 models failed\nlog"))).report
    assert report.message == "run 4242 of job 678: it failed: 1 of 3 models failed"


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (run(40), "data.status is 40, which dbt Cloud does not document"),
        (answer({"id": 4242}), "data.status is missing"),
        (run(10, is_error=True), "data.status is 10, success, and data.is_error is true"),
        (run(10, is_success=False), "data.status is 10, success, and data.is_success is false"),
        (answer({"id": 4243, "status": 10}), "data.id is 4243, not 4242"),
        (run(10, job_id=679), "data.job_id is 679, not 678"),
        (
            Answer(200, {}, b'{"data": {"id": 4242, "status": 10}, "status": {"is_success": false}}'),
            "status.is_success is false",
        ),
        (Answer(200, {}, b""), "its body is empty"),
        (Answer(200, {}, b"[" * 100_000), "it is not JSON: "),
        (Answer(200, {"content-encoding": "br"}, b"\x03"), "it is compressed (br), which was not asked for"),
    ],
)
def test_what_is_not_as_documented_is_never_a_verdict(found: Answer, problem: str) -> None:
    with pytest.raises(TaskError) as raised:
        polled(found)
    error = raised.value
    assert (error.kind, error.may_have_started) == (ErrorKind.NOT_UNDERSTOOD, False)
    assert error.message.startswith(f"dbt Cloud's answer was not understood: {problem}")


@pytest.mark.parametrize("odd", [None, 7, "", "\ud800", "9999-99-99", {"a": []}, -1e400, True])
@pytest.mark.parametrize("name", ["status_message", "started_at", "finished_at", "href", "created_at", "is_success"])
def test_whatever_stands_in_what_is_there_for_people_alone_a_failed_run_has_failed(name: str, odd: object) -> None:
    assert finished(polled(run(20, **{name: odd}))).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("href", "links"),
    [
        (
            "https://cloud.getdbt.com/deploy/1/runs/4242",
            [Link("Run in dbt Cloud", "https://cloud.getdbt.com/deploy/1/runs/4242")],
        ),
        ("https://cloud.getdbt.com.evil.example/", []),
        ("/deploy/1", []),
    ],
)
def test_a_link_leads_to_the_accounts_own_site_alone(href: str, links: list[Link]) -> None:
    assert finished(polled(run(10, href=href))).report.links == links


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "run was not written by this plugin: hand in what trigger or poll returned, unchanged"),
        (
            RUN.replace("dbt-cloud", "other"),
            "run was not written by this plugin: hand in what trigger or poll returned, unchanged",
        ),
        (RUN.ljust(1025), "run was not written by this plugin: hand in what trigger or poll returned, unchanged"),
        (
            RUN.replace("jobs/1", "jobs/2"),
            "run has format version 2, and this plugin understands 1: poll it with the plugin that wrote it",
        ),
        (RUN.replace("4242", '"x"'), 'run is damaged: run_id is not an id: "x"'),
        (RUN.replace("678", "679"), "run is of job_id 679, not of 678: poll with the arguments of its trigger"),
    ],
)
def test_a_run_that_is_not_ours_is_refused(text: str, message: str) -> None:
    with pytest.raises(TaskError) as raised:
        polled(run(3), text)
    assert (raised.value.kind, raised.value.message) == (ErrorKind.INVALID_INPUT, message)
