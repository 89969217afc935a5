import pytest
from conftest import MakeTask, follow
from orchestrator_host import CallError, Effect, Finished, NextStep, Plugin, Running, Secret
from simulator import ALREADY_RUNNING, ON_PAGE_3, SUCCEEDS, SUPERSEDED, TAP_FAILS, TERMINATED, Simulator


def test_a_sync_that_stitch_calls_good_has_succeeded(stitch: MakeTask) -> None:
    task = stitch(SUCCEEDS)
    progress = task.trigger()
    assert isinstance(progress, Running)
    assert (progress.poll_after, progress.requests) == (20.0, 1)
    finished = follow(task, progress)
    assert finished.verdict == "succeeded"
    assert [(step.name, step.status, step.exit_code) for step in finished.report.steps] == [
        ("discovery", "succeeded", 0),
        ("tap", "succeeded", 0),
        ("target", "succeeded", 0),
    ]
    assert finished.report.metadata["source_id"] == SUCCEEDS


@pytest.mark.parametrize(
    ("source", "verdict"),
    [(TAP_FAILS, "failed"), (TERMINATED, "cancelled"), (SUPERSEDED, "unknown"), (ON_PAGE_3, "succeeded")],
)
def test_a_run_ends_with_the_plugins_verdict(stitch: MakeTask, source: int, verdict: str) -> None:
    task = stitch(source)
    assert follow(task, task.trigger()).verdict == verdict


def test_a_failed_sync_names_the_phase_in_its_own_words(stitch: MakeTask) -> None:
    task = stitch(TAP_FAILS)
    failed = [step for step in follow(task, task.trigger()).report.steps if step.status == "failed"]
    assert [(step.name, step.exit_code) for step in failed] == [("tap", 1)]
    assert "The API key was revoked" in (failed[0].message or "")


def test_a_wrong_token_is_told_in_stitchs_words_and_has_started_nothing(stitch: MakeTask) -> None:
    with pytest.raises(CallError) as raised:
        stitch(SUCCEEDS, token="wrong-token").trigger()
    error = raised.value
    assert (error.kind, error.http_status, error.effect) == ("unauthorized", 401, Effect.NOTHING)
    assert error.next_step == NextStep.GIVE_UP
    assert error.raw_message == str(error) == error.message
    assert error.raw_message


def test_a_sync_that_runs_already_is_an_error_or_skipped_as_the_task_says(stitch: MakeTask) -> None:
    with pytest.raises(CallError) as raised:
        stitch(ALREADY_RUNNING).trigger()
    assert (raised.value.code, raised.value.effect) == ("already_running", Effect.NOTHING)
    skipped = stitch(ALREADY_RUNNING, on_already_running="skip").trigger()
    assert isinstance(skipped, Finished)
    assert (skipped.verdict, skipped.run) == ("skipped", None)


def test_a_check_finds_a_good_connection_and_starts_nothing(stitch: MakeTask) -> None:
    findings = stitch(SUCCEEDS).check()
    assert findings
    # A source that is not paused is worth a warning: Stitch's own schedule may start it, too.
    assert {finding.status for finding in findings} <= {"ok", "warning"}


def test_a_trigger_that_reaches_nobody_has_started_nothing_and_may_be_made_again(stitch: MakeTask) -> None:
    with pytest.raises(CallError) as raised:
        stitch(SUCCEEDS, url="http://127.0.0.1:1").trigger()
    assert (raised.value.kind, raised.value.effect) == ("unavailable", Effect.NOTHING)
    assert raised.value.next_step == NextStep.RETRY


def test_what_no_grant_covers_is_denied_and_named(plugin: Plugin, simulator: Simulator) -> None:
    task = plugin.task(
        connection={"base_url": simulator.url},
        secrets={"access_token": Secret(simulator.token)},
        parameters={"source_id": SUCCEEDS},
        allow=["https://api.stitchdata.com"],
    )
    with pytest.raises(CallError) as raised:
        task.trigger()
    assert (raised.value.kind, raised.value.next_step) == ("denied", NextStep.GIVE_UP)
    assert simulator.url in raised.value.denied[0]
