import pytest
from orchestrator_host import InputError, Plugin, Secret
from simulator import SUCCEEDS

SECRET = {"access_token": Secret("hunter2-hunter2")}


def test_input_that_does_not_fit_is_refused_by_the_name_of_its_field(plugin: Plugin) -> None:
    cases: list[tuple[dict[str, str | bool | int | float], str]] = [
        ({}, "`source_id` is missing: "),
        ({"source_id": "seven"}, "`source_id` must be a whole number, not `seven`"),
        ({"source_id": 0}, "`source_id` must be at least 1, not 0"),
        ({"source_id": True}, "`source_id` must be a whole number, not true or false"),
        ({"source_id": 2**64}, "`source_id` does not fit into 64 bits"),
        ({"source_id": 1, "source": 2}, "the plugin has no parameter `source`: "),
    ]
    for parameters, text in cases:
        with pytest.raises(InputError) as raised:
            plugin.task(secrets=SECRET, parameters=parameters)
        assert str(raised.value).startswith(text)


def test_a_text_is_read_as_its_fields_kind(plugin: Plugin) -> None:
    assert plugin.task(secrets=SECRET, parameters={"source_id": str(SUCCEEDS), "cancel_attached": "true"})


def test_a_grant_that_is_none_is_refused(plugin: Plugin) -> None:
    with pytest.raises(InputError):
        plugin.task(secrets=SECRET, parameters={"source_id": 1}, allow=["api.stitchdata.com"])
    with pytest.raises(TypeError, match="must be lists of grants, not a str"):
        plugin.task(secrets=SECRET, parameters={"source_id": 1}, allow="https://api.stitchdata.com")


def test_a_value_of_another_type_is_refused(plugin: Plugin) -> None:
    with pytest.raises(TypeError, match="`source_id` must be a str, a bool, an int or a float, not list"):
        plugin.task(secrets=SECRET, parameters={"source_id": [1]})  # type: ignore[dict-item]
