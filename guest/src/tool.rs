//! What sets one tool's API apart from another's.

/// A tool, as its errors name it and as its API speaks.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// Its name, as errors begin with it: in lower case.
    pub name: &'static str,
    /// What it calls a run, such as `job` or `sync`.
    pub run: &'static str,
    /// What requests say of their sender.
    pub user_agent: &'static str,
    /// The media type that is asked for.
    pub accept: &'static str,
    /// Where the body of an error has the tool's name for it: the names that lead there, from outside. The first that lead to
    /// text count.
    pub code_at: &'static [&'static [&'static str]],
    /// Where it has the tool's own words, likewise.
    pub message_at: &'static [&'static [&'static str]],
    /// What it calls a thing that it does not know, where its status is not 404; in `snake_case`.
    pub not_found: &'static [&'static str],
}

/// The tool of this library's tests.
#[cfg(test)]
pub(crate) const ACME: Tool = Tool {
    name: "acme",
    run: "job",
    user_agent: "acme-plugin/0.1.0",
    accept: "application/json",
    code_at: &[&["error", "type"], &["error"], &["code"]],
    message_at: &[&["error", "message"], &["data", "message"], &["message"], &[], &["error"]],
    not_found: &["invalid_source"],
};
