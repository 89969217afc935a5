//! Fivetran, as the guest library knows it.

use plugin_guest::tool::Tool;

/// How Fivetran speaks.
pub const FIVETRAN: Tool = Tool {
    name: "fivetran",
    run: "sync",
    user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
    accept: "application/json;version=2",
    code_at: &[&["code"]],
    message_at: &[&["message"]],
    not_found: &[],
};
