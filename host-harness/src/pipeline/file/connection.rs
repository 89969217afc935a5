//! The connections of a pipeline file.

use std::ops::Range;

use crate::inputs::suggestion;
use crate::pipeline::file::definition::{ConnectionDefinition, Entry};
use crate::pipeline::file::diagnostics::{DiagnosticCollector, RawDiagnostic};
use crate::pipeline::file::parser::{entry, named, settings};
use crate::pipeline::file::source::Source;
use crate::pipeline::file::table::{Table, table};
use crate::pipeline::file::value::{self, Toml};
use crate::{Grant, Limit, Limits, Origin, SecretReference};

/// The keys of a connection's table.
pub(crate) const KEYS: &[&str] =
    &["plugin", "allow", "allow_internal", "expose_secrets", "limits", "fields", "secrets", "secret_origins"];

pub(crate) fn connections(
    source: &Source,
    root: &Table<'_, '_>,
    flaws: &mut DiagnosticCollector,
) -> Option<Vec<ConnectionDefinition>> {
    let mut connections = Some(Vec::new());
    for (key, value) in root.entries_of("connections", flaws) {
        let name = key.get_ref();
        flaws.keep(named(name, key.span()));
        let read = table(name, value, flaws)
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
    flaws: &mut DiagnosticCollector,
) -> Option<ConnectionDefinition> {
    table.closed(KEYS, flaws);
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

fn grants(table: &Table<'_, '_>, key: &str, flaws: &mut DiagnosticCollector) -> Vec<Grant> {
    let mut grants = Vec::new();
    for (text, item) in table.optional(key, flaws, value::texts).unwrap_or_default() {
        grants.extend(parsed(text, item, flaws));
    }
    grants
}

/// Parses the text of an item. A text that cannot be parsed may hold a password, and is not shown.
fn parsed<T: std::str::FromStr<Err: ToString>>(
    text: &str,
    item: &Toml<'_>,
    flaws: &mut DiagnosticCollector,
) -> Option<T> {
    let read = text.parse().map_err(|error: T::Err| RawDiagnostic::new(item.span(), error.to_string()));
    if read.is_ok() {
        flaws.show(&item.span());
    }
    flaws.keep(read)
}

/// The key of the named set that `limits` change, beside their own names.
const BASE: &str = "base";

/// Reads limits: the name of a set, or a table of single ones, which may name the set that it changes as `base`.
fn limits(table: &Table<'_, '_>, flaws: &mut DiagnosticCollector) -> Limits {
    if let Some(name) = table.text_of("limits") {
        return limit_set(name, flaws);
    }
    let entries = table.entries_of("limits", flaws);
    let base = entries.iter().find(|(name, _)| name.get_ref() == BASE);
    let mut limits = base.map_or_else(Limits::default, |(_, value)| limit_set(value, flaws));
    for (name, value) in entries {
        if name.get_ref() == BASE {
            continue;
        }
        let known = Limit::ALL.into_iter().find(|limit| limit.name() == name.get_ref());
        let Some(limit) = known else {
            let names = Limit::ALL.into_iter().map(Limit::name).chain([BASE]);
            let instead = suggestion::instead(name.get_ref(), names);
            flaws.add(RawDiagnostic::new(name.span(), format!("there is no limit `{}`{instead}", name.get_ref())));
            continue;
        };
        flaws.show(&value.span());
        let read = value::limit(name.get_ref(), value);
        let set = |text: String| {
            limits.set(limit, &text).map_err(|error| RawDiagnostic::new(value.span(), error.to_string()))
        };
        flaws.keep(read.and_then(set));
    }
    limits
}

/// The set of limits that a value names.
fn limit_set(value: &Toml<'_>, flaws: &mut DiagnosticCollector) -> Limits {
    flaws.show(&value.span());
    let read = match value.get_ref().as_str() {
        Some(name) => Limits::named(name).map_err(|error| RawDiagnostic::new(value.span(), error.to_string())),
        None => Err(value::other(BASE, value, "the name of a set of limits, such as \"interpreter\"")),
    };
    flaws.keep(read).unwrap_or_default()
}

/// Reads the references to secrets.
fn secrets(table: &Table<'_, '_>, source: &Source, flaws: &mut DiagnosticCollector) -> Vec<Entry<SecretReference>> {
    let mut secrets = Vec::new();
    for (name, value) in table.entries_of("secrets", flaws) {
        let read = value.get_ref().as_str().and_then(|text| text.parse::<SecretReference>().ok());
        let Some(reference) = read else {
            let name = name.get_ref();
            let message = match value.get_ref().as_str() {
                Some("prompt") => format!("nobody is asked for the secret `{name}` of a pipeline"),
                _ => format!("the secret `{name}` is never written into a file such as this"),
            };
            flaws.add(RawDiagnostic::new(value.span(), format!("{message}: write \"env:VAR\" or \"file:PATH\"")));
            continue;
        };
        secrets.push(entry(name, value, source.reference(reference)));
    }
    secrets
}

fn secret_origins(table: &Table<'_, '_>, flaws: &mut DiagnosticCollector) -> Vec<Entry<Vec<Origin>>> {
    let secrets = table.entries_of("secrets", &mut DiagnosticCollector::default());
    let secrets = secrets.iter().map(|(name, _)| &**name.get_ref());
    let mut restricted = Vec::new();
    for (name, value) in table.entries_of("secret_origins", flaws) {
        if !secrets.clone().any(|secret| secret == name.get_ref()) {
            let instead = suggestion::instead(name.get_ref(), secrets.clone());
            flaws.add(RawDiagnostic::new(
                name.span(),
                format!("the connection has no secret `{}`{instead}", name.get_ref()),
            ));
        }
        let mut origins = Vec::new();
        for (text, item) in flaws.keep(value::texts(name.get_ref(), value)).unwrap_or_default() {
            origins.extend(parsed::<Origin>(text, item, flaws));
        }
        restricted.push(entry(name, value, origins));
    }
    restricted
}
