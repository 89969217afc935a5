//! Diagnostics of a pipeline file, with the lines that they are about.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

/// One thing that is wrong. Shown with its place, and with the line in question where there is one:
///
/// ```text
/// nightly.toml:12:1: a task has no `conection`: did you mean `connection`?
///   conection = …
///   ^^^^^^^^^
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The pipeline file.
    pub file: PathBuf,
    /// The position. None if it is about the file as a whole.
    pub place: Option<Place>,
    /// The message: what is wrong and what to do, in one line.
    pub message: String,
}

/// A position in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters, from 1.
    pub column: usize,
    /// The line with possible secrets hidden, and a line of carets under the part in question.
    pub(crate) excerpt: [String; 2],
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, message) = (self.file.display(), &self.message);
        let Some(Place { line, column, excerpt: [text, carets] }) = &self.place else {
            return write!(f, "{file}: {message}");
        };
        write!(f, "{file}:{line}:{column}: {message}\n  {text}\n  {carets}")
    }
}

/// The diagnostics of a pipeline, in the order of its file: never empty as an error, and a hundred at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// The diagnostics, one after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<T: IntoIterator<Item = Diagnostic>>(problems: T) -> Self {
        let mut problems: Vec<_> = problems.into_iter().collect();
        let place = |problem: &Diagnostic| problem.place.as_ref().map(|place| (place.line, place.column));
        problems.sort_by_key(place);
        Self(problems)
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(problem: Diagnostic) -> Self {
        Self(vec![problem])
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl Error for Diagnostics {}
