"""Between the contract's nouns in Python and those that componentize-py generates."""

from collections.abc import Callable
from typing import TypeVar

from componentize_py_types import Err
from wit_world.imports import orchestrator_plugin_types as wit

from orchestrator_plugin.contract import Descriptor, Field, Finished, Progress, Report, TaskError, Value

T = TypeVar("T")


def answered(call: Callable[[], T]) -> T:
    """What a call answers, its error as the contract's. Any other exception traps, and the host says what may have started."""
    try:
        return call()
    except TaskError as error:
        kind = wit.ErrorKind[error.kind.name]
        raise Err(
            wit.TaskError(
                kind,
                error.code,
                text(error.message),
                optional_text(error.raw_message),
                error.http_status,
                error.retry_after_ms,
                error.may_have_started,
            )
        ) from None


def values(named: list[wit.NamedValue]) -> dict[str, Value]:
    """A connection or parameters, by name."""
    return {each.name: each.value.value for each in named}


def progress(progress: Progress) -> wit.Progress:
    """Where a run stands."""
    said = report(progress.report)
    if isinstance(progress, Finished):
        return wit.Progress_Finished(wit.Finished(wit.Verdict[progress.verdict.name], said))
    return wit.Progress_Running(wit.Running(progress.run, progress.poll_after_ms, said))


def report(report: Report) -> wit.Report:
    """What can be said of a run. An end before its beginning, as tools report it whose clocks differ, is left out."""
    is_in_order = not (report.started_at and report.completed_at) or report.started_at <= report.completed_at
    return wit.Report(
        text(report.message),
        [
            wit.Step(text(step.name), wit.StepStatus[step.status.name], step.exit_code, optional_text(step.message))
            for step in report.steps
        ],
        report.started_at,
        report.completed_at if is_in_order else None,
        [wit.NamedValue(name, value(found)) for name, found in report.metadata.items()],
        [wit.Link(text(link.label), text(link.url)) for link in report.links],
    )


def descriptor(descriptor: Descriptor) -> wit.Descriptor:
    """What a plugin says of itself."""
    budget = descriptor.poll_budget
    return wit.Descriptor(
        descriptor.name,
        descriptor.version,
        descriptor.tool,
        [field(each) for each in descriptor.parameters],
        [field(each) for each in descriptor.connection],
        list(descriptor.origins),
        None if budget is None else wit.RequestBudget(budget.requests, budget.window_ms, list(budget.paths)),
    )


def field(field: Field) -> wit.Field:
    """One field."""
    return wit.Field(
        field.name,
        field.label,
        field.description,
        wit.FieldKind[field.kind.name],
        field.required,
        field.secret,
        wit.Restrictions(list(field.one_of), field.minimum, field.maximum),
        None if field.default is None else value(field.default),
        None if field.example is None else value(field.example),
    )


def value(found: Value) -> wit.Value:
    """A value, by its type: a boolean is an integer, too, so it comes first."""
    if isinstance(found, bool):
        return wit.Value_Boolean(found)
    if isinstance(found, int):
        return wit.Value_Integer(found)
    if isinstance(found, float):
        return wit.Value_Decimal(found)
    return wit.Value_Text(text(found))


def text(found: str) -> str:
    """Text of a tool's without the lone surrogates that JSON may hold and UTF-8 may not."""
    return found.encode("utf-8", errors="replace").decode()


def optional_text(found: str | None) -> str | None:
    """The same of text that may be absent."""
    return None if found is None else text(found)
