//! Fivetran's API profile.

use plugin_guest::api_profile::ApiProfile;

/// The API profile.
pub const FIVETRAN: ApiProfile = ApiProfile {
    name: "fivetran",
    run: "sync",
    user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
    accept: "application/json;version=2",
    code_at: &[&["code"]],
    message_at: &[&["message"]],
    not_found: &[],
};
