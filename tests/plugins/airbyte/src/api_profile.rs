//! Airbyte's API profile.

use plugin_guest::api_profile::ApiProfile;

/// The URL of Airbyte Cloud's API, as its documentation gives it.
pub const BASE_URL: &str = "https://api.airbyte.com/v1";

/// The origin of [`BASE_URL`].
pub const ORIGIN: &str = "https://api.airbyte.com";

/// The API profile: Airbyte's errors are problem details (RFC 7807).
pub const AIRBYTE: ApiProfile = ApiProfile {
    name: "airbyte",
    run: "job",
    user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
    accept: "application/json",
    code_at: &[&["title"]],
    message_at: &[&["data", "message"], &["detail"], &["message"], &["title"]],
    not_found: &["resource_not_found"],
};

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_guest::error_body::ErrorBody;

    #[test]
    fn of_several_messages_the_closest_is_shown() {
        for (body, code, message) in [
            (
                r#"{"title": "bad-request", "detail": "Bad request", "data": {"message": "no such stream"}}"#,
                Some("bad_request"),
                "no such stream",
            ),
            (r#"{"title": "unauthorized", "detail": "no such token"}"#, Some("unauthorized"), "no such token"),
            (r#"{"message": "Forbidden"}"#, None, "Forbidden"),
            (r#"{"title": "forbidden"}"#, Some("forbidden"), "forbidden"),
        ] {
            let read = ErrorBody::parse(&AIRBYTE, body.as_bytes());
            assert_eq!((read.code.as_deref(), read.message.as_deref()), (code, Some(message)), "{body}");
        }
    }
}
