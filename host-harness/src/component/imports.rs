//! The host's imports: what it offers a plugin, and what an import lets a plugin do.

use std::fmt;

/// An import of a plugin, as this host offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Offered. The text says in a few words what a plugin can do with it.
    Offered(&'static str),
    /// Offered in another version, which the text names.
    OtherVersion(&'static str),
    /// Not known to this host.
    Unknown,
}

/// The version of WASI that this host offers, in every patch release.
const WASI: &str = "0.2";

/// Interfaces, or prefixes of their names, and what a plugin can do with them.
const OFFERED: [(&str, &str); 13] = [
    ("wasi:http/outgoing-handler", "sends requests, only to origins that it is granted"),
    ("wasi:http/types", "puts requests together and reads their answers"),
    ("wasi:filesystem/", "nothing: it is given no folder"),
    ("wasi:sockets/", "nothing: no connection and no name lookup is let through"),
    ("wasi:cli/environment", "nothing: it is given no variable and no argument"),
    ("wasi:cli/stdin", "nothing: there is no input"),
    ("wasi:cli/stdout", "writes text, which is kept up to a limit"),
    ("wasi:cli/stderr", "writes text, which is kept up to a limit"),
    ("wasi:cli/terminal-", "nothing: there is no terminal"),
    ("wasi:cli/exit", "ends its own call"),
    ("wasi:clocks/", "tells the time and waits, within the time of its call"),
    ("wasi:random/", "draws random numbers"),
    ("wasi:io/", "waits, and moves the bytes of requests, answers and texts"),
];

impl Offer {
    /// Looks up an import, such as `wasi:http/types@0.2.6`.
    pub fn of(import: &str) -> Self {
        let (name, version) = import.split_once('@').unwrap_or((import, ""));
        if name == "orchestrator:plugin/types" {
            return Self::Offered("nothing: the words that the contract is written in");
        }
        let package = |offered: &str| offered.split('/').next() == name.split('/').next();
        let exact =
            |offered: &str| if offered.ends_with(['/', '-']) { name.starts_with(offered) } else { name == offered };
        let known = OFFERED.iter().find(|(offered, _)| exact(offered));
        match known {
            Some((_, meaning)) if is_wasi(version) => Self::Offered(meaning),
            _ if OFFERED.iter().any(|(offered, _)| package(offered)) && !is_wasi(version) => Self::OtherVersion(WASI),
            _ => Self::Unknown,
        }
    }
}

fn is_wasi(version: &str) -> bool {
    version.strip_prefix(WASI).is_some_and(|patch| patch.is_empty() || patch.starts_with('.'))
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offered(meaning) => f.write_str(meaning),
            Self::OtherVersion(version) => write!(f, "not offered: this host offers {version}"),
            Self::Unknown => f.write_str("not offered"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_import_has_its_meaning() {
        for (import, meaning) in [
            ("wasi:http/outgoing-handler@0.2.0", "sends requests, only to origins that it is granted"),
            ("wasi:filesystem/preopens@0.2.12", "nothing: it is given no folder"),
            ("wasi:cli/terminal-stdin@0.2.6", "nothing: there is no terminal"),
            ("orchestrator:plugin/types@0.1.0", "nothing: the words that the contract is written in"),
            ("wasi:http/handler@0.3.0", "not offered: this host offers 0.2"),
            ("wasi:io/poll@0.20.0", "not offered: this host offers 0.2"),
            ("wasi:http/incoming-handler@0.2.0", "not offered"),
            ("wasi:http/types-of-another@0.2.0", "not offered"),
            ("sample:weapons/missiles@1.0.0", "not offered"),
            ("", "not offered"),
        ] {
            assert_eq!(Offer::of(import).to_string(), meaning, "{import}");
        }
    }
}
