use std::{env, fmt, path::PathBuf, process::Command};

use anyhow::bail;

use crate::shell;

/// The oldest and the newest Python that the packages are tested with.
const OLDEST: Version = Version(3, 10);
const NEWEST: Version = Version(3, 14);

/// The variable that names another Python than the one in the path.
const VARIABLE: &str = "PYTHON";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32);

/// A Python that the packages can be built and tested with.
#[derive(Debug)]
pub(crate) struct Interpreter {
    pub(super) program: PathBuf,
    version: Version,
}

impl Interpreter {
    /// The Python that is named, or the first in the path that is neither too old nor too new.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let named = env::var_os(VARIABLE).map(PathBuf::from);
        let others = (OLDEST.1..=NEWEST.1).rev().map(|minor| PathBuf::from(format!("python3.{minor}")));
        let candidates =
            named.map_or_else(|| [PathBuf::from("python3")].into_iter().chain(others).collect(), |it| vec![it]);
        let mut found = Vec::new();
        for program in candidates {
            let Some(version) = version(&program) else { continue };
            if (OLDEST..=NEWEST).contains(&version) {
                return Ok(Self { program, version });
            }
            found.push(Self { program, version });
        }
        bail!(advice(&found))
    }

    /// The version, for the name of a folder.
    pub(super) fn version(&self) -> String {
        self.version.to_string()
    }
}

impl fmt::Display for Interpreter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is Python {}", self.program.display(), self.version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

fn version(program: &PathBuf) -> Option<Version> {
    read(&shell::ask(Command::new(program).arg("--version")).ok()?)
}

/// The version in a line such as `Python 3.11.7`.
fn read(said: &str) -> Option<Version> {
    let mut numbers = said.trim().strip_prefix("Python ")?.split('.');
    Some(Version(numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// What was found in the place of a Python that fits, and what to do.
fn advice(found: &[Interpreter]) -> String {
    let found = if found.is_empty() {
        "none was found".to_owned()
    } else {
        found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    format!(
        "the Python packages need a Python from {OLDEST} to {NEWEST}, and {found}: install one, or name it in the variable {VARIABLE}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_python_says_of_itself() {
        assert_eq!(read("Python 3.11.7\n"), Some(Version(3, 11)));
        assert_eq!(read("Python 3.15.0a1"), Some(Version(3, 15)));
        assert_eq!(read("pyenv: python3.14: command not found"), None);
    }

    #[test]
    fn one_message_says_what_is_needed_and_what_was_found() {
        assert_eq!(
            advice(&[]),
            "the Python packages need a Python from 3.10 to 3.14, and none was found: install one, or name it in the variable \
             PYTHON"
        );
        let old = Interpreter { program: "python3".into(), version: Version(3, 9) };
        assert!(advice(&[old]).contains(", and python3 is Python 3.9: "));
    }
}
