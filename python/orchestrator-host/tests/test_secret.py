import copy
import json
import logging
import pickle
import traceback
from pathlib import Path

import pytest
from conftest import MakeTask
from orchestrator_host import CallError, InputError, Plugin, Secret
from simulator import SUCCEEDS, Simulator

TEXT = "hunter2-is-not-to-be-seen"


def test_a_secret_shows_itself_in_no_format(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(TEXT)
    logging.getLogger("engine").error("secret %s %r %s", secret, secret, {"access_token": secret})
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>40}", f"{secret!r}", f"{[secret]}", caplog.text]
    assert not [text for text in shown if TEXT in text]
    assert shown[0] == "***"
    assert not [name for name in dir(secret) if not name.startswith("__") and name != "read"]


def test_a_secret_is_refused_where_it_would_be_stored() -> None:
    secret = Secret(TEXT)
    with pytest.raises(TypeError, match="^a secret cannot be pickled: "):
        pickle.dumps({"access_token": secret})
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert copy.copy(secret) is copy.deepcopy(secret) is secret


def test_no_traceback_shows_a_secret(stitch: MakeTask) -> None:
    def fails(access_token: Secret) -> None:
        secrets = {"access_token": access_token}
        raise ValueError(f"cannot log in with {secrets}")

    try:
        fails(Secret(TEXT))
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        # The test's own module holds the text; what was raised does not.
        assert TEXT not in shown.replace(f"TEXT = {TEXT!r}", "")
        assert "***" in shown
    with pytest.raises(CallError) as raised:
        stitch(SUCCEEDS, token=TEXT).trigger()
    assert TEXT not in repr(vars(raised.value))


def test_a_secret_among_plain_values_is_refused_and_not_shown(plugin: Plugin) -> None:
    with pytest.raises(InputError) as exposed:
        plugin.task(connection={"access_token": TEXT}, parameters={"source_id": 1})
    assert str(exposed.value) == "`access_token` is a secret and must be given as one"
    with pytest.raises(TypeError) as plain:
        plugin.task(secrets={"access_token": TEXT}, parameters={"source_id": 1})  # type: ignore[dict-item]
    assert str(plain.value) == "the secret `access_token` must be given as an orchestrator_host.Secret"
    with pytest.raises(InputError) as echoed:
        plugin.task(secrets={"access_token": Secret(TEXT)}, parameters={"source_id": TEXT})
    assert TEXT not in str(echoed.value)


def test_a_secret_is_read_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STITCH_TOKEN", TEXT)
    (tmp_path / "token").write_text(TEXT)
    for reference in ("env:STITCH_TOKEN", f"file:{tmp_path / 'token'}"):
        assert repr(Secret.read(reference)) == "***"
    with pytest.raises(OSError, match="the environment variable NOWHERE is not set"):
        Secret.read("env:NOWHERE")
    with pytest.raises(ValueError, match="write env:VAR or file:PATH") as raised:
        Secret.read(TEXT)
    assert TEXT not in str(raised.value)


def test_a_secret_goes_to_its_own_origins_alone(plugin: Plugin, simulator: Simulator) -> None:
    task = plugin.task(
        connection={"base_url": simulator.url},
        secrets={"access_token": Secret(simulator.token, only_for=["https://api.stitchdata.com"])},
        parameters={"source_id": SUCCEEDS},
        allow=[simulator.url],
    )
    with pytest.raises(CallError) as raised:
        task.trigger()
    assert raised.value.kind == "denied"
    assert raised.value.denied


def test_a_text_that_utf_8_cannot_encode_is_refused_without_showing_it() -> None:
    with pytest.raises(ValueError, match="^a secret must be text that UTF-8 can encode$") as refused:
        Secret("s3cr3t-\udce9-zebra")
    assert refused.value.__cause__ is None
    assert "zebra" not in repr(refused.value)
