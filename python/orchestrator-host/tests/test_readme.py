from pathlib import Path

import pytest
from programs import built
from simulator import Simulator

README = Path(__file__).parents[1] / "README.md"


def test_the_readmes_ten_lines_sync_a_source(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = README.read_text().split("```python\n")[1].split("```")[0]
    assert len(code.splitlines()) <= 12
    monkeypatch.setenv("STITCH_ACCESS_TOKEN", simulator.token)
    here = code.replace("http://127.0.0.1:8080", simulator.url)
    here = here.replace("target/plugins/stitch_plugin.wasm", str(built("STITCH_PLUGIN")))
    exec(compile(here, str(README), "exec"), {})
    assert capsys.readouterr().out.startswith("succeeded ")
