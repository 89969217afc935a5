from pathlib import Path

import pytest
from orchestrator_host import Host, HostError
from programs import built


def test_a_plugin_is_compiled_once_for_all_hosts_of_a_user(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = Host(cache=cache).load(built("STITCH_PLUGIN"))
    (entry,) = cache.iterdir()
    written = entry.stat().st_ino
    assert Host(cache=cache).load(built("STITCH_PLUGIN")).sha256 == first.sha256
    assert [file.stat().st_ino for file in cache.iterdir()] == [written]


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(HostError, match="other users may write to it"):
        Host(cache=tmp_path)


def test_the_default_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Host.cache_folder() == str(tmp_path / "host-harness")
