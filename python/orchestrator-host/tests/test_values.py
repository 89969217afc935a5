import copy
import dataclasses
import json
import operator
import pickle
import sys
from typing import Any

import pytest
from conftest import MakeTask
from orchestrator_host import CallError, Effect, NextStep, Plugin, Running
from simulator import SUPERSEDED


def test_what_a_call_answers_is_pickled_copied_and_not_changed(stitch: MakeTask) -> None:
    progress = stitch(SUPERSEDED, on_already_running="attach").trigger()
    assert isinstance(progress, Running)
    assert pickle.loads(pickle.dumps(progress)) == copy.deepcopy(progress) == progress
    with pytest.raises(dataclasses.FrozenInstanceError):
        progress.run = "another"  # type: ignore[misc]
    metadata: Any = progress.report.metadata
    for change in (
        lambda: metadata.update(source_id=1),
        lambda: metadata.pop("source_id"),
        lambda: operator.setitem(metadata, "a", 1),
    ):
        with pytest.raises(TypeError, match="do not change"):
            change()
    assert json.loads(json.dumps(metadata)) == dataclasses.asdict(progress)["report"]["metadata"] == metadata


def test_an_error_is_pickled_with_all_that_it_says() -> None:
    error = CallError(
        "busy", kind="unavailable", code="busy", retry_after=2.5, effect=Effect.PERHAPS, next_step=NextStep.SETTLE
    )
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), vars(again)) == ("busy", vars(error))
    if sys.version_info >= (3, 11):
        error.add_note("a note")
        assert str(pickle.loads(pickle.dumps(error))) == "busy"


def test_a_descriptor_says_what_a_form_needs(plugin: Plugin) -> None:
    descriptor = plugin.describe()
    assert (descriptor.name, descriptor.tool) == ("stitch-sync", "Stitch")
    assert [field.name for field in descriptor.parameters if field.required] == ["source_id"]
    assert [field.name for field in descriptor.connection if field.secret] == ["access_token"]
    assert descriptor.poll_budget is not None
    assert (descriptor.poll_budget.requests, descriptor.poll_budget.window) == (30, 600.0)
    assert descriptor.poll_budget.paths == ("/v4/*/extractions", "/v4/*/loads")
    assert pickle.loads(pickle.dumps(descriptor)) == descriptor
    assert plugin.functions == {"describe", "trigger", "poll", "cancel", "check", "settle", "poll-many"}
