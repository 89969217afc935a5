from pathlib import Path

import pytest
from airflow.sdk import DAG

PYTHON = Path(__file__).parents[2]


def dags(readme: Path) -> list[tuple[str, str]]:
    """The DAGs of the README's examples: their names, and whether they are scheduled by time or by assets."""
    found = []
    for block in readme.read_text().split("```python\n")[1:]:
        code = block.split("```")[0]
        assert len(code.splitlines()) <= 10
        names: dict[str, object] = {}
        exec(
            compile(code.replace("with DAG(", "with (dag := DAG(").replace("):\n", ")):\n", 1), str(readme), "exec"),
            names,
        )
        dag = names["dag"]
        assert isinstance(dag, DAG)
        found.append((dag.dag_id, type(dag.timetable).__name__))
    return found


@pytest.mark.parametrize(
    ("readme", "expected"),
    [
        (
            PYTHON / "README.md",
            [
                ("nightly", "CronTriggerTimetable"),
                ("after_shopify", "AssetTriggeredTimetable"),
                ("after_export", "CronTriggerTimetable"),
                ("after_stitch", "CronTriggerTimetable"),
            ],
        ),
        (PYTHON / "airflow-provider-stitch/README.md", [("nightly", "CronTriggerTimetable")]),
    ],
)
def test_the_readmes_examples_are_dags_of_ten_lines(readme: Path, expected: list[tuple[str, str]]) -> None:
    assert dags(readme) == expected
