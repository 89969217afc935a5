//! Airbyte, as the guest library knows it.

use plugin_guest::tool::Tool;

/// Where Airbyte Cloud's API is, as its documentation gives it.
pub const BASE_URL: &str = "https://api.airbyte.com/v1";

/// The origin of that.
pub const ORIGIN: &str = "https://api.airbyte.com";

/// How Airbyte speaks: its errors are problem details (RFC 7807).
pub const AIRBYTE: Tool = Tool {
    name: "airbyte",
    run: "job",
    user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
    accept: "application/json",
    code_at: &[&["title"]],
    message_at: &[&["data", "message"], &["detail"], &["message"], &["title"]],
    not_found: &["resource_not_found"],
};
