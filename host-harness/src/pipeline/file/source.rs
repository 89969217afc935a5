//! The source text of a pipeline file, and its excerpts in diagnostics.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::{connection, parser, task};
use crate::SecretReference;
use crate::pipeline::file::problem::{Diagnostic, Place};
use crate::pipeline::file::value::Toml;

/// The most characters of a line that are shown.
const WIDEST: usize = 120;
/// The bytes of a line that are considered before and after a position.
const LOOKED_AT: usize = 1 << 10;

/// A file's text. It may hold secrets wherever somebody mistyped: values are hidden unless allowed to be shown.
#[derive(Clone)]
pub(crate) struct Source {
    file: Arc<Path>,
    text: Arc<str>,
    /// The ranges shown as `…`: sorted, without overlaps.
    hidden: Vec<Range<usize>>,
}

/// Omits the text, which may hold a misplaced secret.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Source {
    /// A text whose values are not located yet: each line is shown only as far as it consists of keys of the format.
    pub(crate) fn new(file: &Path, text: &str) -> Self {
        let mut hidden = Vec::new();
        let mut from = 0;
        for line in text.split_inclusive('\n') {
            hidden.push(from + known_words(line)..from + line.len());
            from += line.len();
        }
        Self { file: file.into(), text: text.into(), hidden }
    }

    /// The same text, parsed as this document: its keys are shown, its values and comments are not.
    pub(crate) fn read_as(self, document: &DeTable<'_>) -> Self {
        let mut spans = Spans::default();
        spans.add_table(document);
        let Spans { keys, mut values } = spans;
        let mut known: Vec<_> = keys.iter().chain(&values).cloned().collect();
        known.sort_by_key(|range| range.start);
        let mut from = 0;
        for next in known.into_iter().chain(std::iter::once(self.text.len()..self.text.len())) {
            // Between two of them a number sign begins a comment.
            let between = self.text.get(from..next.start).unwrap_or_default();
            for line in between.split_inclusive('\n') {
                values.extend(line.find('#').map(|sign| from + sign..from + line.len()));
                from += line.len();
            }
            from = from.max(next.end);
        }
        values.sort_by_key(|range| range.start);
        Self { hidden: values, ..self }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    pub(crate) fn text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// A path in the file, resolved against the file's folder.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder().join(path)
    }

    /// A reference in the file, resolved against the file's folder.
    pub(crate) fn reference(&self, reference: SecretReference) -> SecretReference {
        reference.within(self.folder())
    }

    fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }

    /// Allows the values that start at these bytes to be shown.
    pub(crate) fn show(&mut self, values: &BTreeSet<usize>) {
        self.hidden.retain(|range| !values.contains(&range.start));
    }

    /// A diagnostic at these bytes.
    pub(crate) fn problem(&self, bytes: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic { file: self.file.to_path_buf(), place: Some(self.place(&bytes)), message: message.into() }
    }

    /// A diagnostic of the file as a whole.
    pub(crate) fn whole(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic { file: self.file.to_path_buf(), place: None, message: message.into() }
    }

    fn place(&self, bytes: &Range<usize>) -> Place {
        let start = self.text.floor_char_boundary(bytes.start);
        let from = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text[from..].lines().next().unwrap_or_default();
        let seen = self.text.ceil_char_boundary(from.max(start.saturating_sub(LOOKED_AT)));
        let end = self.text.floor_char_boundary((from + line.len()).min(start + LOOKED_AT));
        Place {
            line: self.text[..from].matches('\n').count() + 1,
            column: self.text[from..start].chars().count() + 1,
            excerpt: self.excerpt(seen, self.text.get(seen..end).unwrap_or_default(), bytes),
        }
    }

    /// The line that starts at `from`, and the carets under these bytes of it.
    fn excerpt(&self, from: usize, line: &str, bytes: &Range<usize>) -> [String; 2] {
        let hidden = |at: usize| {
            let behind = self.hidden.partition_point(|range| range.start <= at);
            self.hidden[..behind].last().filter(|range| range.contains(&at))
        };
        // The characters shown, each with whether it has a caret.
        let mut shown: Vec<(char, bool)> = Vec::new();
        let mut before = None;
        for (at, c) in line.char_indices().map(|(at, c)| (from + at, c)) {
            let meant = bytes.contains(&at);
            let range = hidden(at);
            match (range, shown.last_mut()) {
                (Some(_), Some(last)) if range == before => last.1 |= meant,
                (Some(_), _) => shown.push(('…', meant)),
                (None, _) => shown.push((c, meant)),
            }
            before = range;
        }
        let first = shown.iter().position(|(_, meant)| *meant).unwrap_or(shown.len());
        // A position without characters, such as the end of a line, has a caret, too.
        if first == shown.len() {
            shown.push((' ', true));
        }
        let cut = if shown.len() > WIDEST { first.saturating_sub(WIDEST / 2) } else { 0 };
        let window = &shown[cut..shown.len().min(cut + WIDEST)];
        let under = |(c, meant): &(char, bool)| match (meant, c) {
            (true, _) => '^',
            (false, '\t') => '\t',
            (false, _) => ' ',
        };
        let text: String = window.iter().map(|(c, _)| c).collect();
        let carets: String = window.iter().map(under).collect();
        [text.trim_end().to_owned(), carets.trim_end().to_owned()]
    }
}

/// The length of the line's beginning that consists of keys of the format and punctuation.
fn known_words(line: &str) -> usize {
    let keys = [parser::KEYS, connection::KEYS, task::KEYS];
    let mut at = 0;
    loop {
        let rest = &line[at..];
        let word = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'));
        let word = &rest[..word.unwrap_or(rest.len())];
        at += match rest.chars().next() {
            Some('[' | ']' | '.' | '=' | ' ' | '\t' | '\r' | '\n') => 1,
            Some(_) if keys.iter().any(|keys| keys.contains(&word)) => word.len(),
            _ => return at,
        };
    }
}

/// The positions of a document's keys, and of the values that contain no others.
#[derive(Default)]
struct Spans {
    keys: Vec<Range<usize>>,
    values: Vec<Range<usize>>,
}

impl Spans {
    fn add_table(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            self.keys.push(key.span());
            self.add(value);
        }
    }

    fn add(&mut self, value: &Toml<'_>) {
        match value.get_ref() {
            DeValue::Table(table) => self.add_table(table),
            DeValue::Array(items) => items.iter().for_each(|item| self.add(item)),
            _ => self.values.push(value.span()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, bytes: Range<usize>, hidden: Option<Range<usize>>) -> String {
        let hidden = hidden.into_iter().collect();
        let source = Source { file: Path::new("a.toml").into(), text: text.into(), hidden };
        source.problem(bytes, "wrong").to_string()
    }

    #[test]
    fn carets_stand_under_what_is_meant() {
        assert_eq!(shown("a = 1\nbé = 2\n", 7..9, None), "a.toml:2:2: wrong\n  bé = 2\n   ^");
        assert_eq!(shown("\tb = 22", 5..7, None), "a.toml:1:6: wrong\n  \tb = 22\n  \t    ^^");
        assert_eq!(shown("a = [\n1,\n]", 4..10, None), "a.toml:1:5: wrong\n  a = [\n      ^");
    }

    #[test]
    fn a_place_without_characters_has_a_caret_too() {
        assert_eq!(shown("", 0..0, None), "a.toml:1:1: wrong\n  \n  ^");
        assert_eq!(shown("a =\r\nb", 3..3, None), "a.toml:1:4: wrong\n  a =\n     ^");
        assert_eq!(shown("a", 9..12, None), "a.toml:1:2: wrong\n  a\n   ^");
    }

    #[test]
    fn what_is_hidden_is_shown_nowhere() {
        let text = "a = \"hunter2\", b = 1";
        assert_eq!(shown(text, 19..20, Some(4..13)), "a.toml:1:20: wrong\n  a = …, b = 1\n             ^");
        assert_eq!(shown(text, 4..13, Some(4..13)), "a.toml:1:5: wrong\n  a = …, b = 1\n      ^");
        assert_eq!(shown("\"\"\"\nhunter2\n\"\"\"", 5..6, Some(0..15)), "a.toml:2:2: wrong\n  …\n  ^");
    }

    #[test]
    fn of_a_long_line_the_surroundings_are_shown() {
        let text = format!("{}x{}", "a".repeat(500), "b".repeat(500));
        let expected = format!("a.toml:1:501: wrong\n  {}x{}\n  {}^", "a".repeat(60), "b".repeat(59), " ".repeat(60));
        assert_eq!(shown(&text, 500..501, None), expected);
    }
}
