//! From the text of a pipeline's file to its definition. Reads on behind what is wrong, so that all of it is told at once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use toml::de::{DeTable, Error};

use super::definition::{ConnectionDefinition, Definition, Entry, OnFailure, TaskDefinition};
use super::flaws::{Flaw, Flaws};
use super::problem::Problems;
use super::source::Source;
use super::table::{Key, Table, hide, table};
use super::value::{self, Toml};
use super::{graph, suggestion};
use crate::contract::Value;
use crate::{Grant, Limit, Limits, Origin, SecretReference};

/// How long a task may take that says nothing of it.
const TIMEOUT: Duration = Duration::from_hours(6);
/// The most further attempts that a task may ask for.
const RETRIES: u32 = 100;
/// The most characters of a name.
const NAME: usize = 64;

/// Reads and checks a pipeline.
pub(super) fn read(source: Source) -> Result<Definition, Problems> {
    let text = source.text();
    let (document, errors) = DeTable::parse_recoverable(&text);
    if !errors.is_empty() {
        return Err(unreadable(source, &errors));
    }
    let mut flaws = Flaws::default();
    let root = Table::new("a pipeline", 0..0, document.get_ref());
    root.closed(&["name", "connections", "tasks"], &mut flaws);
    let name = root.required("name", &mut flaws, |_, value| {
        let text = value::text("name", value)?;
        named(text, value.span()).map(|()| text.to_owned())
    });
    let connections = connections(&source, &root, &mut flaws);
    let tasks = tasks(&root, &mut flaws);
    let order = order(&tasks, &mut flaws);
    flaws.unless_any(source, |source| {
        let tasks = tasks.into_iter().map(|task| task.definition).collect::<Option<_>>()?;
        Some(Definition { name: name?, connections: connections?, tasks, order: order?, source })
    })
}

/// What is wrong with a text that is no TOML. A line that cannot be read is not shown behind its `=`: who knows what
/// stands there.
fn unreadable(mut source: Source, errors: &[Error]) -> Problems {
    let text = source.text();
    for start in errors.iter().filter_map(Error::span).map(|span| text.floor_char_boundary(span.start)) {
        let from = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[from..].lines().next().unwrap_or_default();
        let shown = match line.find('=') {
            Some(equals) => equals + 1 + line[equals + 1..].len() - line[equals + 1..].trim_start().len(),
            None if line.trim_start().starts_with('[') => line.len(),
            None => 0,
        };
        source.hide(from + shown..from + line.len());
    }
    let problem = |error: &Error| match error.span() {
        Some(span) => source.problem(span, error.message()),
        None => source.whole(error.message()),
    };
    errors.iter().map(problem).collect()
}

/// Names end up in stores, in file names and in addresses.
fn named(name: &str, place: Range<usize>) -> Result<(), Flaw> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_name = fits(name.bytes().next().unwrap_or_default())
        && name.len() <= NAME
        && name.bytes().all(|byte| fits(byte) || matches!(byte, b'-' | b'_'));
    let flaw = || {
        let rule =
            format!("it may hold a-z, 0-9, - and _ only, no more than {NAME}, and begins with a letter or a digit");
        Flaw::new(place, format!("`{name}` is no name: {rule}"))
    };
    is_name.then_some(()).ok_or_else(flaw)
}

fn connections(source: &Source, root: &Table<'_, '_>, flaws: &mut Flaws) -> Option<Vec<ConnectionDefinition>> {
    let mut connections = Some(Vec::new());
    for (key, value) in root.entries_of("connections", flaws) {
        let name = key.get_ref();
        flaws.keep(named(name, key.span()));
        let entries = flaws.keep(table(name, value));
        if entries.is_none() {
            hide(value, flaws);
        }
        let read = entries
            .map(|entries| Table::new(format!("the connection `{name}`"), key.span(), entries))
            .and_then(|table| connection(name, key.span(), source, &table, flaws));
        connections = connections.zip(read).map(|(mut all, one)| {
            all.push(one);
            all
        });
    }
    connections
}

fn connection(
    name: &str,
    place: Range<usize>,
    source: &Source,
    table: &Table<'_, '_>,
    flaws: &mut Flaws,
) -> Option<ConnectionDefinition> {
    table.closed(
        &["plugin", "allow", "allow_internal", "expose_secrets", "limits", "fields", "secrets", "secret_origins"],
        flaws,
    );
    let plugin =
        table.required("plugin", flaws, |key, value| Ok((source.path(value::text(key, value)?), value.span())));
    let mut grants = grants(table, "allow", flaws);
    grants.extend(self::grants(table, "allow_internal", flaws).into_iter().map(Grant::internal));
    let secrets = secrets(table, source, flaws);
    let secret_origins = secret_origins(table, flaws);
    let fields = settings(table, "fields", flaws);
    let expose_secrets = table.optional("expose_secrets", flaws, value::boolean).unwrap_or_default();
    let limits = limits(table, flaws);
    let (plugin, plugin_place) = plugin?;
    Some(ConnectionDefinition {
        name: name.to_owned(),
        plugin,
        fields,
        secrets,
        secret_origins,
        grants,
        expose_secrets,
        limits,
        place,
        plugin_place,
    })
}

fn entry<T>(name: &Key<'_>, value: &Toml<'_>, read: T) -> Entry<T> {
    Entry { name: name.get_ref().to_string(), value: read, name_place: name.span(), value_place: value.span() }
}

/// Values for a plugin, by name.
fn settings(table: &Table<'_, '_>, key: &str, flaws: &mut Flaws) -> Vec<Entry<Value>> {
    let mut settings = Vec::new();
    for (name, value) in table.entries_of(key, flaws) {
        let read = flaws.keep(value::plain(name.get_ref(), value));
        settings.extend(read.map(|read| entry(name, value, read)));
    }
    settings
}

fn grants(table: &Table<'_, '_>, key: &str, flaws: &mut Flaws) -> Vec<Grant> {
    let mut grants = Vec::new();
    for (text, item) in table.optional(key, flaws, value::texts).unwrap_or_default() {
        grants.extend(parsed(text, item, flaws));
    }
    grants
}

/// The text of an item as what it stands for. Where it is none, it may hold a password: it is not shown.
fn parsed<T: std::str::FromStr<Err: ToString>>(text: &str, item: &Toml<'_>, flaws: &mut Flaws) -> Option<T> {
    let read = text.parse().map_err(|error: T::Err| Flaw::new(item.span(), error.to_string()));
    if read.is_err() {
        hide(item, flaws);
    }
    flaws.keep(read)
}

fn limits(table: &Table<'_, '_>, flaws: &mut Flaws) -> Limits {
    let mut limits = Limits::default();
    for (name, value) in table.entries_of("limits", flaws) {
        let known = Limit::ALL.into_iter().find(|limit| limit.name() == name.get_ref());
        let Some(limit) = known else {
            let instead = suggestion::instead(name.get_ref(), Limit::ALL.map(Limit::name));
            flaws.add(Flaw::new(name.span(), format!("there is no limit `{}`{instead}", name.get_ref())));
            continue;
        };
        let read = value::limit(name.get_ref(), value);
        let set = |text: String| limits.set(limit, &text).map_err(|error| Flaw::new(value.span(), error.to_string()));
        flaws.keep(read.and_then(set));
    }
    limits
}

/// Where secrets are read. What stands there instead may be one: it is not shown.
fn secrets(table: &Table<'_, '_>, source: &Source, flaws: &mut Flaws) -> Vec<Entry<SecretReference>> {
    let mut secrets = Vec::new();
    for (name, value) in table.entries_of("secrets", flaws) {
        let read = value.get_ref().as_str().and_then(|text| text.parse::<SecretReference>().ok());
        let Some(reference) = read else {
            let name = name.get_ref();
            let message = match value.get_ref().as_str() {
                Some("prompt") => format!("nobody is asked for the secret `{name}` of a pipeline"),
                _ => format!("the secret `{name}` is never written into a file such as this"),
            };
            hide(value, flaws);
            flaws.add(Flaw::new(value.span(), format!("{message}: write \"env:VAR\" or \"file:PATH\"")));
            continue;
        };
        secrets.push(entry(name, value, source.reference(reference)));
    }
    secrets
}

fn secret_origins(table: &Table<'_, '_>, flaws: &mut Flaws) -> Vec<Entry<Vec<Origin>>> {
    let secrets = table.entries_of("secrets", &mut Flaws::default());
    let secrets = secrets.iter().map(|(name, _)| &**name.get_ref());
    let mut restricted = Vec::new();
    for (name, value) in table.entries_of("secret_origins", flaws) {
        if !secrets.clone().any(|secret| secret == name.get_ref()) {
            let instead = suggestion::instead(name.get_ref(), secrets.clone());
            flaws.add(Flaw::new(name.span(), format!("the connection has no secret `{}`{instead}", name.get_ref())));
        }
        let mut origins = Vec::new();
        for (text, item) in flaws.keep(value::texts(name.get_ref(), value)).unwrap_or_default() {
            origins.extend(parsed::<Origin>(text, item, flaws));
        }
        restricted.push(entry(name, value, origins));
    }
    restricted
}

/// What is known of a task, however much of it is wrong.
struct Task {
    definition: Option<TaskDefinition>,
    name: String,
    /// The tasks that it comes after, and where it says so.
    after: Vec<(usize, Range<usize>)>,
}

fn tasks(root: &Table<'_, '_>, flaws: &mut Flaws) -> Vec<Task> {
    let names = |key| {
        let entries = root.entries_of(key, &mut Flaws::default());
        entries.into_iter().map(|(name, _)| name.get_ref().to_string()).enumerate()
    };
    let known = Known {
        connections: names("connections").map(|(index, name)| (name, index)).collect(),
        tasks: names("tasks").map(|(index, name)| (name, index)).collect(),
    };
    if root.required("tasks", flaws, table).is_some_and(DeTable::is_empty) {
        flaws.add(Flaw::new(0..0, "a pipeline needs a task: [tasks.NAME]"));
    }
    let mut tasks = Vec::new();
    for (key, value) in root.entries_of("tasks", &mut Flaws::default()) {
        let name = key.get_ref().to_string();
        flaws.keep(named(&name, key.span()));
        let Some(entries) = flaws.keep(table(&name, value)) else {
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

/// What names lead to.
struct Known {
    connections: BTreeMap<String, usize>,
    tasks: BTreeMap<String, usize>,
}

/// What a name leads to.
fn look_up(names: &BTreeMap<String, usize>, what: &str, name: &str, place: Range<usize>) -> Result<usize, Flaw> {
    let flaw = || {
        let instead = suggestion::instead(name, names.keys().map(String::as_str));
        Flaw::new(place, format!("there is no {what} `{name}`{instead}"))
    };
    names.get(name).copied().ok_or_else(flaw)
}

fn after(table: &Table<'_, '_>, known: &Known, flaws: &mut Flaws) -> Vec<(usize, Range<usize>)> {
    let mut after = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, item) in table.optional("after", flaws, value::texts).unwrap_or_default() {
        if seen.insert(name) {
            let found = flaws.keep(look_up(&known.tasks, "task", name, item.span()));
            after.extend(found.map(|task| (task, item.span())));
        } else {
            flaws.add(Flaw::new(item.span(), format!("`{name}` is listed twice")));
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
    flaws: &mut Flaws,
) -> Option<TaskDefinition> {
    table.closed(&["connection", "parameters", "after", "retries", "timeout", "on_failure"], flaws);
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

fn on_failure(key: &str, value: &Toml<'_>) -> Result<OnFailure, Flaw> {
    let text = value::text(key, value)?;
    let found = OnFailure::ALL.into_iter().find(|one| one.as_str() == text);
    let names = OnFailure::ALL.map(OnFailure::as_str).join(", ");
    found.ok_or_else(|| Flaw::new(value.span(), format!("`{key}` must be one of {names}, not `{text}`")))
}

/// An order in which the tasks can start.
fn order(tasks: &[Task], flaws: &mut Flaws) -> Option<Vec<usize>> {
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
        flaws.add(Flaw::new(place.unwrap_or_default(), message));
    }
    None
}
