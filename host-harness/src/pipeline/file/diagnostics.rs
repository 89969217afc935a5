//! What is wrong with a text, gathered while it is read.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::pipeline::file::problem::Diagnostics;
use crate::pipeline::file::source::Source;

/// The most flaws that are told.
const FLAWS: usize = 100;

/// What is wrong, and at which bytes.
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

/// All that is wrong, and what may be shown of the text that it is wrong with.
#[derive(Debug, Default)]
pub(crate) struct DiagnosticCollector {
    flaws: Vec<RawDiagnostic>,
    /// Where the values begin that may be.
    shown: BTreeSet<usize>,
}

impl DiagnosticCollector {
    /// Notes what is wrong, once.
    pub(crate) fn add(&mut self, flaw: RawDiagnostic) {
        if !self.are_enough() && !self.flaws.contains(&flaw) {
            self.flaws.push(flaw);
        }
    }

    /// Whether no more are noted.
    pub(crate) fn are_enough(&self) -> bool {
        self.flaws.len() >= FLAWS
    }

    /// What was read, or else the flaw is noted.
    pub(crate) fn keep<T>(&mut self, read: Result<T, RawDiagnostic>) -> Option<T> {
        read.map_err(|flaw| self.add(flaw)).ok()
    }

    /// Lets a value be shown: that of a key which is known, and takes no secret.
    pub(crate) fn show(&mut self, value: &Range<usize>) {
        self.shown.insert(value.start);
    }

    /// What was read, where nothing is wrong.
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
        // What could not be read has left a flaw.
        read(source.clone()).ok_or_else(|| source.whole("it cannot be read").into())
    }
}
