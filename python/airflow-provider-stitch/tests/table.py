"""What became of the demo's tasks, as a table."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """A task."""

    task: str
    source: int
    state: str
    verdict: str | None
    message: str


@dataclass
class Table:
    """The rows, in the order of the DAG."""

    rows: list[Row] = field(default_factory=list)

    def lines(self) -> list[str]:
        """A line for each, which is cut where it would be too long for a terminal."""
        head = Row("task", "source", "state", "verdict", "message")  # type: ignore[arg-type]
        return [
            f"{row.task:30}  {row.source:>6}  {row.state:7}  {row.verdict or '-':9}  {row.message}"[:140]
            for row in (head, *self.rows)
        ]
