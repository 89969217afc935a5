from pathlib import Path

import pytest
from orchestrator_host import CallError, Effect, Host, HostError, LoadError
from programs import built, hostile

NOWHERE = {"base_url": "http://127.0.0.1:1"}


def test_a_file_that_is_missing_or_not_a_component_is_named(host: Host, tmp_path: Path) -> None:
    missing, other = tmp_path / "missing.wasm", tmp_path / "other.wasm"
    other.write_text("not WebAssembly")
    with pytest.raises(LoadError) as raised:
        host.load(missing)
    assert str(raised.value).startswith(f"{missing} cannot be read: ")
    with pytest.raises(LoadError) as raised:
        host.load(str(other))
    assert str(raised.value) == f"{other} cannot be loaded: it is not a WebAssembly component"
    with pytest.raises(LoadError, match="^it is not a WebAssembly component$"):
        host.load(b"not WebAssembly")


def test_a_plugin_is_loaded_from_bytes_as_from_its_file(host: Host) -> None:
    path = hostile("honest")
    assert host.load(path.read_bytes()).sha256 == host.load(path).sha256


def test_a_limit_is_set_by_its_name() -> None:
    with pytest.raises(LoadError, match="goes past the limit component of 1 KiB"):
        Host(limits={"component": "1KiB"}).load(built("STITCH_PLUGIN"))
    with pytest.raises(ValueError, match="^there are no limits called `python`: there is default, interpreter$"):
        Host(limits="python")
    with pytest.raises(LoadError, match="the limit component of 1 KiB"):
        Host(limits={"base": "interpreter", "component": "1KiB"}).load(built("STITCH_PLUGIN"))
    with pytest.raises(ValueError, match="^there is no limit `mem`: "):
        Host(limits={"mem": "1MiB"})
    with pytest.raises(ValueError, match="^the limit `requests` must be a whole number, or none, not `many`$"):
        Host(limits={"requests": "many"})


def test_root_certificates_that_are_none_are_refused() -> None:
    with pytest.raises(HostError, match="hold no certificate"):
        Host(roots=b"not a certificate")


def test_a_plugin_that_computes_without_end_is_ended_at_its_limit() -> None:
    task = Host(limits={"cpu": "100ms"}).load(hostile("spins")).task(connection=NOWHERE)
    with pytest.raises(CallError) as raised:
        task.trigger()
    assert (raised.value.kind, raised.value.code) == ("host", "limit_exceeded")
    assert str(raised.value) == "the plugin's trigger went past the limit cpu of 100ms and was ended"
    assert raised.value.effect == Effect.NOTHING


def test_a_plugin_that_traps_is_an_error_and_the_host_goes_on(host: Host) -> None:
    task = host.load(hostile("traps")).task(connection=NOWHERE)
    for _ in range(2):
        with pytest.raises(CallError) as raised:
            task.trigger()
        assert raised.value.code == "trapped"


def test_a_plugin_that_cannot_describe_itself_is_an_error_of_its_call() -> None:
    plugin = Host(limits={"cpu": "100ms"}).load(hostile("spins_in_describe"))
    for describe in (plugin.describe, plugin.task):
        with pytest.raises(CallError) as raised:
            describe()
        assert raised.value.code == "limit_exceeded"
