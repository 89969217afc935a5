//! The printer: all output goes through it, and so through the redactor.

use std::fmt::Write as _;
use std::io::{self, Write};

use host_harness::{Redactor, is_control_like, sanitize};
use serde::Serialize;
use serde_json::{Value, json};

use crate::args::Format;
use crate::log;
use crate::terminal::Terminal;

/// The most characters of a progress line, which a plugin may change at every poll.
const LONGEST_PROGRESS: usize = 400;

/// Prints on stdout and stderr, without secrets and terminal control characters.
#[derive(Clone, Debug)]
pub(crate) struct Printer {
    pub(crate) format: Format,
    pub(crate) redactor: Redactor,
}

impl Printer {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, redactor: Redactor::default() }
    }

    /// Redacts these secrets from here on, in the log too.
    pub(crate) fn hide(&mut self, redactor: Redactor) {
        log::hide(redactor.clone());
        self.redactor = redactor;
    }

    /// Prints the answer, as one document or as text. `Ok` means that all of it was written.
    pub(crate) fn answer(&self, document: &impl Serialize, text: &str) -> io::Result<()> {
        match self.format {
            Format::Json => self.document(document),
            Format::Text => print(&Terminal::stdout().shown(self.clean(text).trim_end())),
        }
    }

    /// Prints a document. `Ok` means that all of it was written.
    pub(crate) fn document(&self, document: &impl Serialize) -> io::Result<()> {
        let document = serde_json::to_value(document)?;
        print(&escaped(&format!("{:#}", self.masked(document))))
    }

    /// Prints the run in one line, to be stored.
    pub(crate) fn run(&self, run: &str) {
        _ = writeln!(io::stderr(), "{}", escaped(&self.masked(json!({"run": run})).to_string()));
    }

    /// Redacts a document. A run is left unchanged, or it could not be polled; the host has refused runs with a secret.
    fn masked(&self, document: Value) -> Value {
        match document {
            Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| if name == "run" { (name, value) } else { (name, self.redactor.json(value)) })
                .collect(),
            other => self.redactor.json(other),
        }
    }

    /// Prints a line beside the answer.
    pub(crate) fn note(&self, text: &str) {
        _ = writeln!(io::stderr(), "{}", Terminal::stderr().shown(self.clean(text).trim_end()));
    }

    /// A progress line, redacted before it is cut: a part of a secret would not be recognised.
    pub(crate) fn progress(&self, text: &str) -> String {
        let line = self.clean(text).trim().replace('\n', " ");
        match line.char_indices().nth(LONGEST_PROGRESS) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }

    /// The text without secrets and without characters that drive a terminal or mislead a reader, except newlines and
    /// tabs.
    pub(crate) fn clean(&self, text: &str) -> String {
        sanitize(&self.redactor.text(text))
    }
}

/// Prints on stdout, and flushes.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// Escapes such characters in a JSON document. Only its strings hold them, where an escape means the same.
fn escaped(document: &str) -> String {
    let mut escaped = String::with_capacity(document.len());
    for c in document.chars() {
        if is_control_like(c) && c != '\n' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use host_harness::Secret;

    use super::*;

    #[test]
    fn neither_secrets_nor_terminal_escapes_are_printed() {
        let printer = Printer { format: Format::Text, redactor: Redactor::new([Secret::new("hunter2")]) };
        assert_eq!(printer.clean("a\thunter2\n\x1b[2Jb"), "a\t***\n\u{fffd}[2Jb");
    }

    #[test]
    fn a_line_of_progress_is_masked_and_then_cut() {
        let printer = Printer { format: Format::Text, redactor: Redactor::new([Secret::new("hunter2")]) };
        assert_eq!(printer.progress("a\nhunter2"), "a ***");
        let line = printer.progress(&format!("{}hunter2", "é".repeat(398)));
        assert_eq!(line, format!("{}**…", "é".repeat(398)));
    }

    #[test]
    fn a_short_secret_spoils_neither_a_run_nor_the_names_of_members() {
        let printer =
            Printer { format: Format::Json, redactor: Redactor::new([Secret::new("run"), Secret::new("airbyte")]) };
        let document = json!({"run": "airbyte-1", "message": "airbyte-1"});
        assert_eq!(printer.masked(document), json!({"run": "airbyte-1", "message": "***-1"}));
    }

    #[test]
    fn a_document_holds_such_characters_escaped_and_means_the_same() {
        let document = json!({"a\u{202e}": ["\u{9b}2J\u{1b}[2J", "\u{e0041}", "é\n"]});
        let printed = escaped(&format!("{document:#}"));
        assert!(!printed.chars().any(|c| is_control_like(c) && c != '\n'), "{printed:?}");
        assert!(printed.contains(r#""a\u202e""#) && printed.contains(r"\udb40\udc41"), "{printed}");
        assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), document);
    }
}
