//! `host-harness runs`

use std::fmt::Write;

use host_harness::store::{Outcome, PipelineRun, PipelineRunId, Store, StoreError};
use serde_json::{Value, json};

use crate::args::{RunsCommand, StoreArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::text::in_one_line;

pub(crate) fn main(command: &RunsCommand) -> Exit {
    let (RunsCommand::List { store, output } | RunsCommand::Show { store, output, .. }) = command;
    let printer = Printer::new(*output);
    let kept = match command {
        RunsCommand::List { .. } => all(store),
        RunsCommand::Show { id, .. } => one(store, PipelineRunId(*id)),
    };
    match kept {
        Ok(kept) => {
            let text = match command {
                RunsCommand::List { .. } => kept.iter().map(|run| heading(run) + "\n").collect(),
                RunsCommand::Show { .. } => kept.iter().map(text).collect::<String>(),
            };
            printer.answer(json!({"runs": kept.iter().map(document).collect::<Vec<_>>()}), &text);
            Exit::Succeeded
        }
        Err(error) => Failure::store(&error).print(&printer),
    }
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
