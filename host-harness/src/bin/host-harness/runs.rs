//! `host-harness runs`

use std::fmt::Write;
use std::io;

use host_harness::store::{Attempt, AttemptError, Outcome, PipelineRun, PipelineRunId, Store, StoreError, TaskRun};
use serde_json::{Value, json};

use crate::args::{ExportFormat, Format, RunsCommand, StoreArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::text::in_one_line;

pub(crate) fn main(command: &RunsCommand) -> Exit {
    let (kept, output) = match command {
        RunsCommand::List { store, output } => (all(store), *output),
        RunsCommand::Show { store, output, id } => (one(store, PipelineRunId(*id)), *output),
        RunsCommand::Export { store, .. } => (all(store), Format::Json),
    };
    let printer = Printer::new(output);
    let kept = match kept {
        Ok(kept) => kept,
        Err(error) => return Failure::store(&error).print(&printer),
    };
    let document = || json!({"runs": kept.iter().map(document).collect::<Vec<_>>()});
    match command {
        RunsCommand::List { .. } => {
            printer.answer(document(), &kept.iter().map(|run| heading(run) + "\n").collect::<String>());
        }
        RunsCommand::Show { .. } => printer.answer(document(), &kept.iter().map(text).collect::<String>()),
        RunsCommand::Export { format: ExportFormat::Json, .. } => printer.document(document()),
        RunsCommand::Export { format: ExportFormat::Csv, .. } => {
            // Nothing can be done about a reader that has gone.
            _ = table(&kept, io::stdout().lock());
        }
    }
    Exit::Succeeded
}

const COLUMNS: [&str; 20] = [
    "run",
    "pipeline",
    "task",
    "tool",
    "plugin",
    "state",
    "changed_at",
    "attempt",
    "intended_at",
    "outcome",
    "message",
    "started_at",
    "completed_at",
    "steps",
    "metadata",
    "links",
    "error_kind",
    "error_code",
    "error_message",
    "http_status",
];

/// A row for each attempt, and for each task without one. Lists and metadata are JSON in their columns.
fn table(runs: &[PipelineRun], writer: impl io::Write) -> csv::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    table.write_record(COLUMNS)?;
    for run in runs {
        for task in &run.tasks {
            let no_attempt = task.attempts.is_empty().then_some(None);
            for attempt in task.attempts.iter().map(Some).chain(no_attempt) {
                table.write_record(row(run, task, attempt))?;
            }
        }
    }
    table.flush()?;
    Ok(())
}

fn row(run: &PipelineRun, task: &TaskRun, attempt: Option<&Attempt>) -> [String; 20] {
    let of_report = |name: &str| match attempt.and_then(|attempt| attempt.report.as_ref()?.get(name)) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let error = attempt.and_then(|attempt| attempt.error.as_ref());
    let of_error = |read: fn(&AttemptError) -> String| error.map(read).unwrap_or_default();
    // Without an attempt, what there is to say is of the task.
    let message = attempt.map_or_else(|| task.message.clone().unwrap_or_default(), |_| of_report("message"));
    [
        run.id.to_string(),
        run.name.clone(),
        task.name.clone(),
        task.tool.clone(),
        task.plugin.clone(),
        task.state.as_str().to_owned(),
        task.changed_at.to_string(),
        attempt.map(|attempt| attempt.number.to_string()).unwrap_or_default(),
        attempt.map(|attempt| attempt.intended_at.to_string()).unwrap_or_default(),
        attempt.and_then(|attempt| attempt.outcome).map_or_else(String::new, |outcome| outcome.as_str().to_owned()),
        message,
        of_report("started_at"),
        of_report("completed_at"),
        of_report("steps"),
        of_report("metadata"),
        of_report("links"),
        of_error(|error| error.kind.clone()),
        of_error(|error| error.code.clone()),
        of_error(|error| error.message.clone()),
        of_error(|error| error.http_status.map(|status| status.to_string()).unwrap_or_default()),
    ]
}

fn all(args: &StoreArgs) -> Result<Vec<PipelineRun>, StoreError> {
    let store = Store::open_to_read(&args.store)?;
    store.all()?.into_iter().map(|id| store.pipeline_run(id)).collect()
}

fn one(args: &StoreArgs, id: PipelineRunId) -> Result<Vec<PipelineRun>, StoreError> {
    Ok(vec![Store::open_to_read(&args.store)?.pipeline_run(id)?])
}

fn heading(run: &PipelineRun) -> String {
    let outcome = run.outcome.map_or("goes on", Outcome::as_str);
    format!("run {} of {}, begun {:.0}: {}", run.id, run.name, run.started_at, outcome.replace('_', " "))
}

/// A run for people: a line for each task.
pub(crate) fn text(run: &PipelineRun) -> String {
    let mut text = heading(run) + "\n";
    let width = run.tasks.iter().map(|task| task.name.len()).max().unwrap_or_default();
    for task in &run.tasks {
        let message = task.message.as_deref().map(in_one_line).unwrap_or_default();
        let attempts = match task.attempts.len() {
            0 | 1 => String::new(),
            many => format!(" ({many} attempts)"),
        };
        let state = task.state.as_str().replace('_', " ");
        _ = writeln!(text, "  {:width$}  {state:11}  {}{attempts}  {message}", task.name, in_one_line(&task.tool));
    }
    text
}

/// A run for programs.
pub(crate) fn document(run: &PipelineRun) -> Value {
    let tasks = run.tasks.iter().map(|task| {
        let attempts = task.attempts.iter().map(|attempt| {
            json!({
                "number": attempt.number,
                "intended_at": attempt.intended_at.to_string(),
                "outcome": attempt.outcome.map(Outcome::as_str),
                "run": attempt.run,
                "report": attempt.report,
                "error": attempt.error,
            })
        });
        json!({
            "name": task.name,
            "tool": task.tool,
            "plugin": task.plugin,
            "state": task.state.as_str(),
            "message": task.message,
            "changed_at": task.changed_at.to_string(),
            "attempts": attempts.collect::<Vec<_>>(),
            "transitions": task.transitions.iter().map(|transition| json!({
                "at": transition.at.to_string(), "state": transition.state, "detail": transition.detail,
            })).collect::<Vec<_>>(),
        })
    });
    json!({
        "id": run.id.0,
        "pipeline": run.name,
        "file": run.file,
        "started_at": run.started_at.to_string(),
        "ended_at": run.ended_at.map(|at| at.to_string()),
        "outcome": run.outcome.map(Outcome::as_str),
        "tasks": tasks.collect::<Vec<_>>(),
    })
}
