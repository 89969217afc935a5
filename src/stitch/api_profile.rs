//! Stitch's API profile.

use plugin_guest::api_profile::ApiProfile;

/// The URL of Stitch's API, as its documentation gives it.
pub const BASE_URL: &str = "https://api.stitchdata.com";

/// The API profile: Stitch's documentation has several shapes of errors.
pub const STITCH: ApiProfile = ApiProfile {
    name: "stitch",
    run: "job",
    user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
    accept: "application/json",
    code_at: &[&["error", "type"], &["error"], &["code"]],
    message_at: &[&["error", "message"], &["data", "message"], &["message"], &["invalid_fields"], &[], &["error"]],
    // The source is unknown or deleted.
    not_found: &["invalid_source"],
};

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_guest::contract::ErrorKind;
    use plugin_guest::error_body::ErrorBody;
    use plugin_guest::scripted::answer;
    use plugin_guest::task_error::of_status;

    #[test]
    fn every_documented_shape_of_error_is_read() {
        for (body, code, message) in [
            (
                r#"{"error": {"type": "invalid_source", "message": "Integration is deleted."}}"#,
                Some("invalid_source"),
                "Integration is deleted.",
            ),
            (r#"{"error": "InvalidId", "data": {"message": "no such id"}}"#, Some("invalid_id"), "no such id"),
            (r#"{"code": "bad_request", "message": "no"}"#, Some("bad_request"), "no"),
            (r#"{"invalid_fields": "page"}"#, None, "page"),
            (r#""just words""#, None, "just words"),
        ] {
            let read = ErrorBody::parse(&STITCH, body.as_bytes());
            assert_eq!((read.code.as_deref(), read.message.as_deref()), (code, Some(message)), "{body}");
        }
    }

    #[test]
    fn an_unknown_source_is_not_found_though_its_status_is_400() {
        let body = r#"{"error": {"type": "invalid_source", "message": "Unable to locate source(1) for client (2)"}}"#;
        let error = of_status(&STITCH, &answer(400, body));
        assert_eq!((error.kind, error.code.as_str()), (ErrorKind::NotFound, "invalid_source"));
    }
}
