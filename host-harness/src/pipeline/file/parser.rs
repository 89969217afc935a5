//! The parser of pipeline files. It reads on after an error, so that all errors are reported at once.

use std::ops::Range;

use toml::de::{DeTable, Error};

use crate::contract::Value;
use crate::pipeline::file::connection::connections;
use crate::pipeline::file::definition::{Definition, Entry};
use crate::pipeline::file::diagnostics::{DiagnosticCollector, RawDiagnostic};
use crate::pipeline::file::problem::Diagnostics;
use crate::pipeline::file::source::Source;
use crate::pipeline::file::table::{Key, Table};
use crate::pipeline::file::task::{order, tasks};
use crate::pipeline::file::value::{self, Toml};

/// The keys of a pipeline file.
pub(crate) const KEYS: &[&str] = &["name", "connections", "tasks"];
/// The most characters of a name.
const NAME: usize = 64;

/// Parses and checks a pipeline.
pub(crate) fn read(source: Source) -> Result<Definition, Diagnostics> {
    let text = source.text();
    let (document, errors) = DeTable::parse_recoverable(&text);
    if !errors.is_empty() {
        return unreadable(&errors).unless_any(source, |_| None);
    }
    let source = source.read_as(document.get_ref());
    let mut flaws = DiagnosticCollector::default();
    let root = Table::new("a pipeline", 0..0, document.get_ref());
    root.closed(KEYS, &mut flaws);
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

/// The diagnostics of a text that is not TOML.
fn unreadable(errors: &[Error]) -> DiagnosticCollector {
    let mut flaws = DiagnosticCollector::default();
    for error in errors {
        flaws.add(RawDiagnostic::new(error.span().unwrap_or_default(), error.message()));
    }
    flaws
}

/// Checks a name: names are used in stores, file names and URLs.
pub(crate) fn named(name: &str, place: Range<usize>) -> Result<(), RawDiagnostic> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_name = fits(name.bytes().next().unwrap_or_default())
        && name.len() <= NAME
        && name.bytes().all(|byte| fits(byte) || matches!(byte, b'-' | b'_'));
    let flaw = || {
        let rule =
            format!("it may hold a-z, 0-9, - and _ only, no more than {NAME}, and begins with a letter or a digit");
        RawDiagnostic::new(place, format!("`{name}` is not a name: {rule}"))
    };
    is_name.then_some(()).ok_or_else(flaw)
}

pub(crate) fn entry<T>(name: &Key<'_>, value: &Toml<'_>, read: T) -> Entry<T> {
    Entry { name: name.get_ref().to_string(), value: read, name_place: name.span(), value_place: value.span() }
}

/// The values for a plugin, by name.
pub(crate) fn settings(table: &Table<'_, '_>, key: &str, flaws: &mut DiagnosticCollector) -> Vec<Entry<Value>> {
    let mut settings = Vec::new();
    for (name, value) in table.entries_of(key, flaws) {
        let read = flaws.keep(value::plain(name.get_ref(), value));
        settings.extend(read.map(|read| entry(name, value, read)));
    }
    settings
}
