//! Diagnostics while a text is read: collected, so that all are reported at once.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::pipeline::file::problem::Diagnostics;
use crate::pipeline::file::source::Source;

/// The most diagnostics that are reported.
const FLAWS: usize = 100;

/// A diagnostic: a message, and the bytes that it is about.
#[derive(Debug, PartialEq)]
pub(crate) struct RawDiagnostic {
    bytes: Range<usize>,
    message: String,
}

impl RawDiagnostic {
    pub(crate) fn new(bytes: Range<usize>, message: impl Into<String>) -> Self {
        Self { bytes, message: message.into() }
    }
}

/// Collects diagnostics, and the parts of the text that may be shown in them.
#[derive(Debug, Default)]
pub(crate) struct DiagnosticCollector {
    flaws: Vec<RawDiagnostic>,
    /// The starts of the values that may be shown.
    shown: BTreeSet<usize>,
}

impl DiagnosticCollector {
    /// Adds a diagnostic, once.
    pub(crate) fn add(&mut self, flaw: RawDiagnostic) {
        if !self.are_enough() && !self.flaws.contains(&flaw) {
            self.flaws.push(flaw);
        }
    }

    /// True if no more are collected.
    pub(crate) fn are_enough(&self) -> bool {
        self.flaws.len() >= FLAWS
    }

    /// The value read. None after adding its diagnostic.
    pub(crate) fn keep<T>(&mut self, read: Result<T, RawDiagnostic>) -> Option<T> {
        read.map_err(|flaw| self.add(flaw)).ok()
    }

    /// Allows a value to be shown: its key is known, and does not take a secret.
    pub(crate) fn show(&mut self, value: &Range<usize>) {
        self.shown.insert(value.start);
    }

    /// The value read, or the diagnostics if there are any.
    pub(crate) fn unless_any<T>(
        self,
        mut source: Source,
        read: impl FnOnce(Source) -> Option<T>,
    ) -> Result<T, Diagnostics> {
        source.show(&self.shown);
        let problems: Diagnostics =
            self.flaws.into_iter().map(|flaw| source.problem(flaw.bytes, flaw.message)).collect();
        if problems.iter().next().is_some() {
            return Err(problems);
        }
        // A missing value always comes with a diagnostic.
        read(source.clone()).ok_or_else(|| source.whole("it cannot be read").into())
    }
}
