"""The demo: a row for each task, which pytest shows at the end."""

import pytest
from demo import DEMO, SYNCS
from table import Row, Table

EXPECTED = {
    "succeeds": ("success", "succeeded"),
    "is_on_page_3": ("success", "succeeded"),
    "is_loaded": ("success", "succeeded"),
    "tap_fails": ("failed", "failed"),
    "is_terminated": ("failed", "cancelled"),
    "is_superseded": ("failed", "unknown"),
    "runs_already": ("failed", None),
    "runs_already_and_is_waited_for": ("success", "succeeded"),
    "runs_already_and_is_skipped": ("skipped", "skipped"),
    "is_deleted": ("failed", None),
    "is_not_configured": ("failed", None),
}


@pytest.mark.usefixtures("stitch")
def test_each_task_ends_as_its_sync_did(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    errors: dict[str, str] = {}
    for task in DEMO.tasks:
        monkeypatch.setattr(
            task, "on_failure_callback", [lambda it: errors.update({it["ti"].task_id: str(it["exception"])})]
        )
    run = DEMO.test()
    for name, arguments in SYNCS.items():
        instance = run.get_task_instance(name)
        assert instance is not None
        outcome = instance.xcom_pull(task_ids=name, key="outcome") or {"verdict": None, "message": errors.get(name)}
        row = Row(name, arguments["source_id"], str(instance.state), outcome["verdict"], outcome["message"])
        table.rows.append(row)
    assert {row.task: (row.state, row.verdict) for row in table.rows} == EXPECTED
    # A task without a verdict says why, too.
    assert all(row.message for row in table.rows)
