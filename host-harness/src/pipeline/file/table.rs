//! TOML tables with a known set of keys.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable};

use crate::inputs::suggestion;
use crate::pipeline::file::diagnostics::{DiagnosticCollector, RawDiagnostic};
use crate::pipeline::file::value::{self, Toml};

/// A key and its position.
pub(crate) type Key<'a> = Spanned<DeString<'a>>;

/// A table, and its name in messages.
#[derive(Clone, Debug)]
pub(crate) struct Table<'a, 'b> {
    /// As in "`name` is missing in …".
    what: String,
    /// The position reported for a missing key.
    place: Range<usize>,
    entries: &'a DeTable<'b>,
}

impl<'a, 'b> Table<'a, 'b> {
    pub(crate) fn new(what: impl Into<String>, place: Range<usize>, entries: &'a DeTable<'b>) -> Self {
        Self { what: what.into(), place, entries }
    }

    /// Its entries, for a table with any keys.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a Key<'b>, &'a Toml<'b>)> + use<'a, 'b> {
        self.entries.iter()
    }

    /// Adds diagnostics for all keys except the known ones.
    pub(crate) fn closed(&self, known: &[&str], flaws: &mut DiagnosticCollector) {
        for (key, _) in self.entries().filter(|(key, _)| !known.contains(&&**key.get_ref())) {
            let instead = suggestion::instead(key.get_ref(), known.iter().copied());
            flaws.add(RawDiagnostic::new(key.span(), format!("{} has no `{}`{instead}", self.what, key.get_ref())));
        }
    }

    /// The value of a key, if it is there and valid. It may be shown.
    pub(crate) fn optional<T>(
        &self,
        key: &str,
        flaws: &mut DiagnosticCollector,
        read: impl FnOnce(&str, &'a Toml<'b>) -> Result<T, RawDiagnostic>,
    ) -> Option<T> {
        let value = self.entries.get(key)?;
        flaws.show(&value.span());
        flaws.keep(read(key, value))
    }

    /// The value of a required key.
    pub(crate) fn required<T>(
        &self,
        key: &str,
        flaws: &mut DiagnosticCollector,
        read: impl FnOnce(&str, &'a Toml<'b>) -> Result<T, RawDiagnostic>,
    ) -> Option<T> {
        if !self.entries.contains_key(key) {
            flaws.add(RawDiagnostic::new(self.place.clone(), format!("{} needs `{key}`", self.what)));
        }
        self.optional(key, flaws, read)
    }

    /// The text under a key, with its place. None where something else is there, or nothing.
    pub(crate) fn text_of(&self, key: &str) -> Option<&'a Toml<'b>> {
        self.entries.get(key).filter(|value| value.get_ref().as_str().is_some())
    }

    /// The entries of the table under a key. Empty if there is no such table.
    pub(crate) fn entries_of(&self, key: &str, flaws: &mut DiagnosticCollector) -> Vec<(&'a Key<'b>, &'a Toml<'b>)> {
        let table = self.entries.get(key).and_then(|value| table(key, value, flaws));
        table.map(|table| table.iter().collect()).unwrap_or_default()
    }
}

/// The table under a name.
pub(crate) fn table<'a, 'b>(
    name: &str,
    value: &'a Toml<'b>,
    flaws: &mut DiagnosticCollector,
) -> Option<&'a DeTable<'b>> {
    let table = value.get_ref().as_table();
    if table.is_none() {
        flaws.add(value::other(name, value, "a table"));
    }
    table
}
