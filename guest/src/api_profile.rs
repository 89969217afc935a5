//! The API profile of a tool: its name, its headers and the shapes of its errors.

/// An API profile, a constant of each plugin: the [`Client`](crate::client::Client) sends its headers and reads errors by it.
#[derive(Clone, Copy, Debug)]
pub struct ApiProfile {
    /// The tool's name, as errors begin with it: in lower case.
    pub name: &'static str,
    /// The tool's word for a run, such as `job` or `sync`.
    pub run: &'static str,
    /// The `User-Agent` header.
    pub user_agent: &'static str,
    /// The `Accept` header: a media type.
    pub accept: &'static str,
    /// Paths to the tool's name for an error in an error's body, each a list of field names from the outside in. The first that
    /// leads to text counts.
    pub code_at: &'static [&'static [&'static str]],
    /// Paths to the tool's message there, likewise.
    pub message_at: &'static [&'static [&'static str]],
    /// Names of errors that mean "not found" whatever their status, in `snake_case`.
    pub not_found: &'static [&'static str],
}

/// The API profile of this library's tests.
#[cfg(test)]
pub(crate) const ACME: ApiProfile = ApiProfile {
    name: "acme",
    run: "job",
    user_agent: "acme-plugin/0.1.0",
    accept: "application/json",
    code_at: &[&["error", "type"], &["error"], &["code"]],
    message_at: &[&["error", "message"], &["data", "message"], &["message"], &[], &["error"]],
    not_found: &["invalid_source"],
};
