//! `host-harness runs`

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;
use std::{array, io};

use host_harness::store::{
    Attempt, AttemptError, Outcome, PipelineRun, PipelineRunId, Store, StoreError, TaskRun, TaskState,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::args::{ExportFormat, Format, RunsCommand, StoreArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::prune;
use crate::terminal::mark;
use crate::text::in_one_line;

pub(crate) fn main(command: &RunsCommand) -> Exit {
    let output = match command {
        RunsCommand::List { output, .. }
        | RunsCommand::Show { output, .. }
        | RunsCommand::Abandon { output, .. }
        | RunsCommand::Prune { output, .. } => *output,
        RunsCommand::Export { .. } => Format::Json,
    };
    let printer = Printer::new(output);
    let kept = match command {
        RunsCommand::List { store, .. } | RunsCommand::Export { store, .. } => all(store, &printer),
        RunsCommand::Show { store, id, .. } => one(store, PipelineRunId(*id), &printer),
        RunsCommand::Abandon { store, id, .. } => abandoned(store, PipelineRunId(*id), &printer),
        RunsCommand::Prune { older_than, dry_run, store, .. } => {
            return prune::main(&store.store, *older_than, *dry_run, &printer);
        }
    };
    let kept = match kept {
        Ok(kept) => kept,
        Err(error) => return Failure::store(&error).print(&printer),
    };
    let document = || json!({"runs": kept.iter().map(document).collect::<Vec<_>>()});
    let result = match command {
        RunsCommand::List { .. } => {
            printer.answer(&document(), &kept.iter().map(|run| heading(run) + "\n").collect::<String>())
        }
        RunsCommand::Show { .. } | RunsCommand::Abandon { .. } | RunsCommand::Prune { .. } => {
            printer.answer(&document(), &kept.iter().map(text).collect::<String>())
        }
        RunsCommand::Export { format: ExportFormat::Json, .. } => printer.document(&document()),
        RunsCommand::Export { format: ExportFormat::Csv, .. } => {
            table(&kept, &printer, io::stdout().lock()).map_err(io_error)
        }
    };
    match Failure::of_printing(result, "", None) {
        Ok(()) => Exit::Succeeded,
        Err(failure) => failure.print(&printer),
    }
}

const COLUMNS: [&str; 23] = [
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
    "run_started_at",
    "run_ended_at",
    "run_outcome",
];

/// Writes a CSV row for each attempt, and for each task without one. Lists and metadata are JSON in their columns.
fn table(runs: &[PipelineRun], printer: &Printer, writer: impl io::Write) -> csv::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    table.write_record(COLUMNS)?;
    for run in runs {
        for task in &run.tasks {
            let no_attempt = task.attempts.is_empty().then_some(None);
            for attempt in task.attempts.iter().map(Some).chain(no_attempt) {
                table.write_record(row(run, task, attempt).map(|text| cell(&printer.clean(&text))))?;
            }
        }
    }
    table.flush()?;
    Ok(())
}

/// The I/O error in a CSV error, so that a broken pipe is told from a full disk.
fn io_error(error: csv::Error) -> io::Error {
    let said = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => io::Error::other(said),
    }
}

/// A text that no spreadsheet takes for a formula, since it may be a tool's.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

fn row(run: &PipelineRun, task: &TaskRun, attempt: Option<&Attempt>) -> [String; 23] {
    let of_report = |name: &str| match attempt.and_then(|attempt| attempt.report.as_ref()?.get(name)) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let error = attempt.and_then(|attempt| attempt.error.as_ref());
    let of_error = |read: fn(&AttemptError) -> String| error.map(read).unwrap_or_default();
    // Without an attempt, the message is the task's.
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
        run.started_at.to_string(),
        run.ended_at.map(|at| at.to_string()).unwrap_or_default(),
        run.outcome.map_or_else(String::new, |outcome| outcome.as_str().to_owned()),
    ]
}

fn all(args: &StoreArgs, printer: &Printer) -> Result<Vec<PipelineRun>, StoreError> {
    let store = to_read(args, printer)?;
    store.all()?.into_iter().map(|id| store.pipeline_run(id)).collect()
}

fn one(args: &StoreArgs, id: PipelineRunId, printer: &Printer) -> Result<Vec<PipelineRun>, StoreError> {
    Ok(vec![to_read(args, printer)?.pipeline_run(id)?])
}

fn abandoned(args: &StoreArgs, id: PipelineRunId, printer: &Printer) -> Result<Vec<PipelineRun>, StoreError> {
    // Fails on a missing store, which `open` would create.
    to_read(args, printer)?.pipeline_run(id)?;
    let mut store = Store::open(&args.store)?;
    let _lock = store.lock(id)?;
    store.abandon(id, Timestamp::now())?;
    Ok(vec![store.pipeline_run(id)?])
}

fn to_read(args: &StoreArgs, printer: &Printer) -> Result<Store, StoreError> {
    let store = Store::open_to_read(&args.store)?;
    tell_owner(&store, &args.store, printer);
    Ok(store)
}

/// Tells root the owner of a store that belongs to another user.
pub(crate) fn tell_owner(store: &Store, path: &Path, printer: &Printer) {
    if let Some(owner) = store.other_owner() {
        let path = path.display();
        printer.note(&format!("{path} belongs to user {owner}: the pipelines in it are what that user wrote"));
    }
}

fn heading(run: &PipelineRun) -> String {
    let outcome = match (run.outcome, run.ended_at) {
        (Some(outcome), Some(at)) => {
            format!("{} after {}", mark(&outcome.as_str().replace('_', " ")), time(run.started_at, at))
        }
        _ => "has not ended".to_owned(),
    };
    format!("run {} of {}, begun {:.0}: {outcome}", run.id, run.name, run.started_at)
}

/// A run as text: a line for each task, and what helps to investigate those that did not end well.
pub(crate) fn text(run: &PipelineRun) -> String {
    let mut text = heading(run) + "\n";
    let rows: Vec<_> = run.tasks.iter().map(cells).collect();
    let widths: [usize; 4] = array::from_fn(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0));
    for (task, [name, state, tool, took, message]) in run.tasks.iter().zip(&rows) {
        let [a, b, c, d] = widths;
        let (state, rest) = (mark(state), b.saturating_sub(state.chars().count()));
        _ = writeln!(text, "  {name:a$}  {state}{:rest$}  {tool:c$}  {took:>d$}  {message}", "");
        let is_bad = !matches!(task.state, TaskState::Ended(Outcome::Succeeded | Outcome::Skipped | Outcome::NotRun));
        let report = task.attempts.last().and_then(|attempt| attempt.report.as_ref()).filter(|_| is_bad);
        for link in report.and_then(|report| report["links"].as_array()).into_iter().flatten() {
            let part = |name: &str| in_one_line(link[name].as_str().unwrap_or_default());
            _ = writeln!(text, "  {:a$}  {}: {}", "", part("label"), part("url"));
        }
    }
    text
}

/// The cells of a task: name, state, tool, duration and message.
fn cells(task: &TaskRun) -> [String; 5] {
    let message = task.message.as_deref().map(in_one_line).unwrap_or_default();
    let message = match task.attempts.len() {
        0 | 1 => message,
        many => format!("({many} attempts) {message}"),
    };
    let begun = task.attempts.first().map(|attempt| attempt.intended_at);
    let took = begun.map(|begun| time(begun, task.changed_at)).unwrap_or_default();
    [task.name.clone(), task.state.as_str().replace('_', " "), in_one_line(&task.tool), took, message]
}

/// The time between two moments, to the second.
fn time(from: Timestamp, to: Timestamp) -> String {
    let seconds = to.duration_since(from).as_secs().unsigned_abs();
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}

/// A run in JSON.
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

#[cfg(test)]
mod tests {
    use crate::terminal::unmarked;
    use host_harness::store::{AttemptId, TaskRunId, Transition};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn run() -> PipelineRun {
        let report = json!({
            "message": "=SUM(A1)", "started_at": null, "completed_at": "1970-01-01T00:01:00Z", "metadata": {"rows": 7},
            "steps": [{"name": "tap", "status": "failed", "exit_code": 1, "message": "no"}],
            "links": [{"label": "Log", "url": "https://example.com/log"}],
        });
        let attempt = Attempt {
            id: AttemptId(1),
            number: 1,
            intended_at: at(5),
            uptime: None,
            settles: Vec::new(),
            run: Some("run 1".to_owned()),
            next_poll_at: None,
            report: Some(report),
            error: None,
            outcome: Some(Outcome::Failed),
        };
        let task = |name: &str, state, attempts: Vec<Attempt>| TaskRun {
            id: TaskRunId(1),
            name: name.to_owned(),
            tool: "Ferry".to_owned(),
            plugin: "ferry 1.0.0".to_owned(),
            plugin_sha256: None,
            state,
            message: Some("no table\nat all".to_owned()),
            retry_at: None,
            changed_at: at(65),
            transitions: vec![Transition { at: at(5), state: "intended".to_owned(), detail: None }],
            attempts,
        };
        PipelineRun {
            id: PipelineRunId(3),
            name: "nightly".to_owned(),
            file: "nightly.toml".to_owned(),
            definition: String::new(),
            started_at: at(0),
            ended_at: Some(at(70)),
            outcome: Some(Outcome::Failed),
            tasks: vec![
                task("orders", TaskState::Ended(Outcome::Failed), vec![attempt]),
                task("report", TaskState::Ended(Outcome::NotRun), Vec::new()),
            ],
        }
    }

    #[test]
    fn a_run_is_told_with_how_long_its_tasks_took_and_where_to_look_further() {
        let expected = "run 3 of nightly, begun 1970-01-01T00:00:00Z: failed after 1m 10s\n  \
                        orders  failed   Ferry  1m  no table at all\n          \
                        Log: https://example.com/log\n  \
                        report  not run  Ferry      no table at all\n";
        assert_eq!(unmarked(&text(&run())), expected);
    }

    #[test]
    fn the_document_of_runs_fits_the_published_schema() {
        let schema: Value = serde_json::from_str(include_str!("../../docs/output.schema.json")).unwrap();
        let document = json!({"runs": [document(&run())]});
        let errors: Vec<_> =
            jsonschema::validator_for(&schema).unwrap().iter_errors(&document).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }

    #[test]
    fn no_cell_is_a_formula_or_drives_a_terminal() {
        let mut run = run();
        run.tasks[1].message = Some("\u{1b}[2J".to_owned());
        let mut bytes = Vec::new();
        table(&[run], &Printer::new(Format::Text), &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(",'=SUM(A1),") && text.contains("\u{fffd}[2J"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}
