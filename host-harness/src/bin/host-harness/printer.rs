//! The only way to the user's eyes: nothing is printed past the mask.

use std::io::{self, Write};

use host_harness::Mask;

use crate::args::Format;

/// Prints on stdout and stderr, without secrets and without what would drive a terminal.
#[derive(Clone, Debug)]
pub(crate) struct Printer {
    pub(crate) format: Format,
    pub(crate) mask: Mask,
}

impl Printer {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, mask: Mask::default() }
    }

    /// Prints the answer: as one document or as text.
    pub(crate) fn answer(&self, document: serde_json::Value, text: &str) {
        match self.format {
            Format::Json => self.document(document),
            Format::Text => self.text(text),
        }
    }

    pub(crate) fn document(&self, document: serde_json::Value) {
        // Nothing can be done about a reader that has gone.
        _ = writeln!(io::stdout(), "{:#}", self.mask.json(document));
    }

    fn text(&self, text: &str) {
        _ = writeln!(io::stdout(), "{}", self.clean(text).trim_end());
    }

    /// Prints what is said beside the answer.
    pub(crate) fn note(&self, text: &str) {
        _ = writeln!(io::stderr(), "{}", self.clean(text).trim_end());
    }

    /// The text without secrets and without control characters other than newlines and tabs.
    pub(crate) fn clean(&self, text: &str) -> String {
        let visible = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
        self.mask.text(text).chars().map(visible).collect()
    }
}

#[cfg(test)]
mod tests {
    use host_harness::Secret;

    use super::*;

    #[test]
    fn neither_secrets_nor_terminal_escapes_are_printed() {
        let printer = Printer { format: Format::Text, mask: Mask::new([Secret::new("hunter2")]) };
        assert_eq!(printer.clean("a\thunter2\n\x1b[2Jb"), "a\t***\n\u{fffd}[2Jb");
    }
}
