use super::outcome::Expected;

/// A run of the demo.
pub(super) struct Case {
    /// What happens, in a few words.
    pub(super) name: &'static str,
    pub(super) source: Source,
    pub(super) token: Token,
    /// Whether Stitch lists jobs that run.
    pub(super) lists_running: bool,
    /// Parameters of the task beyond its source.
    pub(super) parameters: &'static [&'static str],
    pub(super) expected: Expected,
}

/// Which source is synced.
pub(super) enum Source {
    /// The simulator's source of this name; its own list says what it does.
    Named(&'static str),
    /// None that the account has.
    Unknown,
}

/// The token that the run is given.
pub(super) enum Token {
    Good,
    Wrong,
}

/// Every case, in the order of the demo.
pub(super) const CASES: [Case; 9] = [
    Case { lists_running: true, ..case("a sync that succeeds", "hubspot", Expected::verdict("succeeded", 0, "")) },
    case("its tap fails", "recurly", Expected::verdict("failed", 1, "The API key was revoked")),
    Case {
        token: Token::Wrong,
        ..case("a wrong token", "hubspot", Expected::error("unauthorized", "the access token is not valid"))
    },
    Case {
        source: Source::Unknown,
        ..case("an unknown source", "", Expected::error("not_found", "Unable to locate source(999999)"))
    },
    case("a job runs already", "heroku", Expected::error("rejected", "one already exists")),
    Case {
        parameters: &["on_already_running=attach"],
        ..case("the same, attached to", "heroku", Expected::verdict("succeeded", 0, ""))
    },
    case("terminated by Stitch", "salesforce", Expected::verdict("cancelled", 1, "Terminated")),
    case("superseded before it was seen", "stripe", Expected::verdict("unknown", 5, "")),
    case("on page 3 of 250 sources", "adwords", Expected::verdict("succeeded", 0, "")),
];

const fn case(name: &'static str, source: &'static str, expected: Expected) -> Case {
    Case { name, source: Source::Named(source), token: Token::Good, lists_running: false, parameters: &[], expected }
}
