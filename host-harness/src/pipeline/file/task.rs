//! The tasks of a pipeline file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use super::graph;
use crate::inputs::suggestion;
use crate::pipeline::file::definition::{OnFailure, TaskDefinition};
use crate::pipeline::file::diagnostics::{DiagnosticCollector, RawDiagnostic};
use crate::pipeline::file::parser::{named, settings};
use crate::pipeline::file::table::{Table, table};
use crate::pipeline::file::value::{self, Toml};

/// The keys of a task's table.
pub(crate) const KEYS: &[&str] = &["connection", "parameters", "after", "retries", "timeout", "on_failure"];
/// The default time limit of a task.
const TIMEOUT: Duration = Duration::from_hours(6);
/// The most retries of a task.
const RETRIES: u32 = 100;

/// A task as far as it could be read, however many errors it has.
pub(crate) struct Task {
    pub(crate) definition: Option<TaskDefinition>,
    name: String,
    /// The tasks that it comes after, and the positions of their names.
    after: Vec<(usize, Range<usize>)>,
}

pub(crate) fn tasks(root: &Table<'_, '_>, flaws: &mut DiagnosticCollector) -> Vec<Task> {
    let names = |key| {
        let entries = root.entries_of(key, &mut DiagnosticCollector::default());
        entries.into_iter().map(|(name, _)| name.get_ref().to_string()).enumerate()
    };
    let known = Known {
        connections: names("connections").map(|(index, name)| (name, index)).collect(),
        tasks: names("tasks").map(|(index, name)| (name, index)).collect(),
    };
    let entries = root.entries_of("tasks", flaws);
    if entries.is_empty() {
        flaws.add(RawDiagnostic::new(0..0, "a pipeline needs a task: [tasks.NAME]"));
    }
    let mut tasks = Vec::new();
    for (key, value) in entries {
        if flaws.are_enough() {
            break;
        }
        let name = key.get_ref().to_string();
        flaws.keep(named(&name, key.span()));
        let Some(entries) = table(&name, value, flaws) else {
            tasks.push(Task { definition: None, name, after: Vec::new() });
            continue;
        };
        let table = Table::new(format!("the task `{name}`"), key.span(), entries);
        let after = after(&table, &known, flaws);
        let indices = after.iter().map(|(task, _)| *task).collect();
        let definition = task(&name, key.span(), indices, &table, &known, flaws);
        tasks.push(Task { definition, name, after });
    }
    tasks
}

/// The names of connections and tasks, with their indices.
struct Known {
    connections: BTreeMap<String, usize>,
    tasks: BTreeMap<String, usize>,
}

/// Looks a name up.
fn look_up(
    names: &BTreeMap<String, usize>,
    what: &str,
    name: &str,
    place: Range<usize>,
) -> Result<usize, RawDiagnostic> {
    let flaw = || {
        let instead = suggestion::instead(name, names.keys().map(String::as_str));
        RawDiagnostic::new(place, format!("there is no {what} `{name}`{instead}"))
    };
    names.get(name).copied().ok_or_else(flaw)
}

fn after(table: &Table<'_, '_>, known: &Known, flaws: &mut DiagnosticCollector) -> Vec<(usize, Range<usize>)> {
    let mut after = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, item) in table.optional("after", flaws, value::texts).unwrap_or_default() {
        if flaws.are_enough() {
            break;
        }
        flaws.show(&item.span());
        if seen.insert(name) {
            let found = flaws.keep(look_up(&known.tasks, "task", name, item.span()));
            after.extend(found.map(|task| (task, item.span())));
        } else {
            flaws.add(RawDiagnostic::new(item.span(), format!("`{name}` is listed twice")));
        }
    }
    after
}

fn task(
    name: &str,
    place: Range<usize>,
    after: Vec<usize>,
    table: &Table<'_, '_>,
    known: &Known,
    flaws: &mut DiagnosticCollector,
) -> Option<TaskDefinition> {
    table.closed(KEYS, flaws);
    let connection = table.required("connection", flaws, |key, value| {
        look_up(&known.connections, "connection", value::text(key, value)?, value.span())
    });
    Some(TaskDefinition {
        name: name.to_owned(),
        parameters: settings(table, "parameters", flaws),
        after,
        retries: table.optional("retries", flaws, |key, value| value::count(key, value, RETRIES)).unwrap_or_default(),
        timeout: table.optional("timeout", flaws, value::time).unwrap_or(TIMEOUT),
        on_failure: table.optional("on_failure", flaws, on_failure).unwrap_or_default(),
        connection: connection?,
        place,
    })
}

fn on_failure(key: &str, value: &Toml<'_>) -> Result<OnFailure, RawDiagnostic> {
    let text = value::text(key, value)?;
    let found = OnFailure::ALL.into_iter().find(|one| one.as_str() == text);
    let names = OnFailure::ALL.map(OnFailure::as_str).join(", ");
    found.ok_or_else(|| RawDiagnostic::new(value.span(), format!("`{key}` must be one of {names}, not `{text}`")))
}

/// An order in which the tasks can start.
pub(crate) fn order(tasks: &[Task], flaws: &mut DiagnosticCollector) -> Option<Vec<usize>> {
    // Not all tasks were read.
    if flaws.are_enough() {
        return None;
    }
    let after: Vec<_> = tasks.iter().map(|task| task.after.iter().map(|(before, _)| *before).collect()).collect();
    let circles = match graph::order(&after) {
        Ok(order) => return Some(order),
        Err(circles) => circles,
    };
    for circle in circles {
        let Some((first, next)) = circle.first().zip(circle.get(1).or(circle.first())) else { continue };
        let quoted = |task: &usize| format!("`{}`", tasks[*task].name);
        let names: Vec<_> = circle.iter().chain([first]).map(quoted).collect();
        let message = match circle.len() {
            1 => format!("{} cannot come after itself", quoted(first)),
            _ => format!("these tasks wait for each other: {}", names.join(" after ")),
        };
        let place = tasks[*first].after.iter().find(|(before, _)| before == next).map(|(_, place)| place.clone());
        flaws.add(RawDiagnostic::new(place.unwrap_or_default(), message));
    }
    None
}
