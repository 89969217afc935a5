//! `GET /v4/sources/{source_id}`: a source, also one that is deleted or paused.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use anyhow::Result;
use serde_json::Value;

use super::id::{ClientId, SourceId};
use plugin_guest::json;

/// The path of a source.
pub fn path(source_id: SourceId) -> String {
    format!("/v4/sources/{source_id}")
}

/// What Stitch says of a source. Times are as it writes them.
#[derive(Debug)]
pub struct Source {
    /// Its name in the warehouse: what its loads are listed under.
    pub name: String,
    /// The account that it belongs to.
    pub stitch_client_id: ClientId,
    /// When it was deleted.
    pub deleted_at: Option<String>,
    /// When a person paused it. It can be started all the same, and stays paused.
    pub paused_at: Option<String>,
    /// When Stitch paused it.
    pub system_paused_at: Option<String>,
    /// The step of its set-up that comes next; `fully_configured` where none does.
    pub current_step: Option<String>,
}

impl Source {
    /// Reads the body.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let json = json::parse(body)?;
        Ok(Self {
            name: json::required(&json, "name", "text", Value::as_str)?.to_owned(),
            stitch_client_id: json::required(&json, "stitch_client_id", "an id", |id| ClientId::new(json::id(id)?))?,
            deleted_at: json::text(&json["deleted_at"]),
            paused_at: json::text(&json["paused_at"]),
            system_paused_at: json::text(&json["system_paused_at"]),
            current_step: json::text(&json["report_card"]["current_step_type"]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_with_what_it_has() {
        let source = Source::parse(
            br#"{"id": 120643, "name": "adwords", "stitch_client_id": "116078", "paused_at": null, "deleted_at": "2020-01-01T00:00:00Z",
                "report_card": {"current_step_type": "fully_configured"}}"#,
        )
        .expect("a source");
        assert_eq!(source.stitch_client_id, ClientId::new(116_078).expect("an id"));
        assert_eq!((source.deleted_at.as_deref(), source.paused_at), (Some("2020-01-01T00:00:00Z"), None));
        assert_eq!(source.current_step.as_deref(), Some("fully_configured"));
    }

    #[test]
    fn a_field_that_is_missing_or_wrong_is_named() {
        for (body, problem) in [
            (r#"{"name": "adwords"}"#, "stitch_client_id is missing"),
            (r#"{"name": "adwords", "stitch_client_id": 0}"#, "stitch_client_id is not an id: 0"),
            (r#"{"name": 7}"#, "name is not text: 7"),
            ("[]", "name is missing"),
        ] {
            assert_eq!(alloc::format!("{:#}", Source::parse(body.as_bytes()).expect_err(body)), problem);
        }
    }
}
