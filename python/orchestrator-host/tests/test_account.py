import pytest
from conftest import MakeTask
from simulator import SUCCEEDS, TAP_FAILS

MIX = bytes(range(32))


def test_tasks_with_the_same_credential_share_an_account_and_its_key_shows_nothing(stitch: MakeTask) -> None:
    key = stitch(SUCCEEDS).account_key(MIX)
    assert stitch(TAP_FAILS).account_key(MIX) == key
    assert stitch(SUCCEEDS, token="another-token").account_key(MIX) != key
    assert stitch(SUCCEEDS).account_key(bytes(32)) != key
    assert len(bytes.fromhex(key)) == 32
    with pytest.raises(ValueError, match="^`mix` must have 32 bytes, not 3$"):
        stitch(SUCCEEDS).account_key(b"abc")
