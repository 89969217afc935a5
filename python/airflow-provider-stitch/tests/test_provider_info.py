from importlib import import_module
from typing import Any

import pytest
from airflow.sdk import Connection
from airflow_provider_stitch.hook import StitchHook
from airflow_provider_stitch.operator import StitchSyncOperator
from airflow_provider_stitch.plugin import PLUGIN
from airflow_provider_stitch.provider_info import get_provider_info
from conftest import connect
from orchestrator_airflow import PluginFile, connection_type
from simulator import Simulator


def test_the_form_is_the_one_that_the_plugin_describes() -> None:
    described = connection_type(PLUGIN.load().describe(), "stitch", "airflow_provider_stitch.hook.StitchHook")
    assert get_provider_info()["connection-types"] == [described]


def test_the_connection_is_tested_without_starting_anything(stitch: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    assert StitchHook().test_connection() == (True, "stitch accepts the access token")
    connect(monkeypatch, stitch.url, "wrong-token")
    accepted, message = StitchHook().test_connection()
    assert not accepted
    assert message


def test_a_connection_is_named_by_its_own_name_and_by_no_other() -> None:
    assert StitchHook(stitch_conn_id="mine").conn_id == "mine"
    with pytest.raises(TypeError, match="^StitchHook takes stitch_conn_id and not conn_id$"):
        StitchHook(conn_id="mine")


def test_the_link_to_stitchs_logs_is_one_that_airflow_finds() -> None:
    named = [name.rpartition(".") for name in get_provider_info()["extra-links"]]
    found = [getattr(import_module(module), name) for module, _, name in named]
    assert found == [type(link) for link in StitchSyncOperator.operator_extra_links]


def test_a_plugin_that_was_exchanged_is_not_loaded() -> None:
    with pytest.raises(ValueError, match="is not the plugin that this provider was made with"):
        PluginFile(PLUGIN.path, "0" * 64, "stitch").load()


def test_the_grant_is_the_connections_own_origin() -> None:
    from orchestrator_airflow.connection import base_url

    cases: list[tuple[dict[str, Any], str | None]] = [
        ({"host": "https://api.stitchdata.com/"}, "https://api.stitchdata.com/"),
        ({"host": "api.stitchdata.com"}, "https://api.stitchdata.com"),
        ({"host": "127.0.0.1", "schema": "http", "port": 8080}, "http://127.0.0.1:8080"),
        ({}, None),
    ]
    for given, url in cases:
        assert base_url(Connection(conn_id="stitch_default", conn_type="stitch", **given)) == url
