import copy
import pickle
from typing import Any

import pytest
from orchestrator_host import PollPolicy, Starts, TriggerRecord, start_backoff


def test_a_record_is_kept_as_text_and_has_an_age() -> None:
    record = TriggerRecord.now()
    kept = TriggerRecord.from_json(record.to_json())
    assert kept == record
    age, anywhere = kept.age(), kept.age_anywhere()
    assert age is not None
    assert anywhere is not None
    # Written on this machine, so its clocks are not apart from its own.
    assert 0 <= age <= anywhere < TriggerRecord.CLOCKS_APART


def test_a_record_of_another_machine_is_taken_to_be_older() -> None:
    foreign = TriggerRecord.from_json(TriggerRecord.now().to_json().replace('"boot":"', '"boot":"other-'))
    age = foreign.age_anywhere()
    assert age is not None
    assert TriggerRecord.CLOCKS_APART <= age < 2 * TriggerRecord.CLOCKS_APART


def test_records_are_pickled_and_copied() -> None:
    starts = Starts(TriggerRecord.now()).settled(TriggerRecord.now())
    assert pickle.loads(pickle.dumps(starts)) == copy.deepcopy(starts) == starts
    record = TriggerRecord.now()
    assert pickle.loads(pickle.dumps(record)) == record


def test_after_ten_settles_a_person_has_to_look() -> None:
    starts = Starts(TriggerRecord.now())
    for settles in range(10):
        assert (starts.settles, starts.may_settle) == (settles, True)
        starts = starts.settled(TriggerRecord.now())
    assert (starts.settles, starts.may_settle) == (10, False)
    assert len(starts.ages() or ()) == 11


def test_a_text_that_is_no_record_is_refused() -> None:
    with pytest.raises(ValueError, match="^the text is not the record of a trigger: "):
        TriggerRecord.from_json("{}")
    with pytest.raises(ValueError, match="^the text is not a list of the calls that may have started a run: "):
        Starts.from_json("7")


def test_waits_follow_the_librarys_rules() -> None:
    policy = PollPolicy(interval=5)
    assert [policy.wait(1), policy.wait(20)] == [5, 20]
    assert PollPolicy(interval=5, ignore_hint=True).wait(20) == 5
    assert [policy.retry(20, failures) for failures in (1, 2, 9)] == [20, 40, 300]
    assert policy.retry(20, 1, 3600) == 3600
    assert 5 < start_backoff(1) <= 10
    assert start_backoff(1, 3600) == 3600
    with pytest.raises(ValueError, match="^`rhythm` must be a time in seconds, not -1: "):
        policy.retry(-1, 1)


@pytest.mark.parametrize("name", ["interval", "timeout", "longest_retry"])
def test_a_policy_with_a_time_that_is_none_is_refused_where_it_is_made(name: str) -> None:
    for time in (-1.0, float("nan")):
        policy: dict[str, Any] = {name: time}
        with pytest.raises(ValueError, match=f"^`{name}` must be a time in seconds, not "):
            PollPolicy(**policy)


def test_a_call_that_started_nothing_is_taken_back() -> None:
    starts = Starts(TriggerRecord.now())
    assert starts.settled(TriggerRecord.now()).taken_back() == starts
    assert starts.taken_back() is None
