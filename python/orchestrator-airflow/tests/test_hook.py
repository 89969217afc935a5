from dataclasses import replace

import pytest
from orchestrator_airflow.connection import Value
from orchestrator_airflow.hook import _examples
from orchestrator_host import Field, Plugin

FIELD = Field("a", "A", "a field", "text", True, False, (), None, None, None, None)


@pytest.mark.parametrize(
    ("field", "example"),
    [
        (FIELD, "example"),
        (replace(FIELD, one_of=("first", "second")), "first"),
        (replace(FIELD, example="its own"), "its own"),
        (replace(FIELD, kind="boolean"), False),
        (replace(FIELD, kind="integer"), 1),
        (replace(FIELD, kind="integer", minimum=7), 7),
        (replace(FIELD, kind="integer", maximum=-7), -7),
        (replace(FIELD, kind="decimal"), 1),
    ],
)
def test_a_parameter_that_a_connection_is_tested_with_is_one_that_the_plugin_takes(
    plugin: Plugin, field: Field, example: Value
) -> None:
    optional = replace(FIELD, name="optional", required=False)
    found = _examples(replace(plugin.describe(), parameters=(field, optional)))
    assert found == {"a": example}
    assert type(found["a"]) is type(example)
