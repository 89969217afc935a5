import pytest

from orchestrator_plugin import world


def test_a_world_has_what_the_module_exports() -> None:
    found = world.exports("class Task: ...\nclass Preflight: ...\nclass Other: ...")
    assert found == ["preflight"]
    assert "    include hosted-plugin;\n    export preflight;\n}" in world.world(found)


def test_a_module_without_task_is_refused() -> None:
    with pytest.raises(ValueError, match="it has no class Task"):
        world.exports("class Cancellation: ...")


def test_the_contract_and_what_of_wasi_it_needs_come_with_the_package() -> None:
    packages = {file.stem for file in (world.PACKAGE / "wit" / "deps").glob("*.wit")}
    assert packages >= {"clocks", "http", "io"}
