//! `GET /v4/sources/{source_id}`: a source, also one that is deleted or paused.

use alloc::format;
use alloc::string::String;

use anyhow::Result;
use plugin_guest::json::{self, RawValue, lenient};
use serde::de::{Deserialize, Deserializer};

use super::id::{ClientId, SourceId};

/// The path of a source.
pub fn path(source_id: SourceId) -> String {
    format!("/v4/sources/{source_id}")
}

/// A source. Times are as Stitch writes them.
#[derive(Debug, serde::Deserialize)]
pub struct Source {
    /// Its name in the warehouse, under which its loads are listed.
    #[serde(default, deserialize_with = "lenient::text_field")]
    pub name: Option<String>,
    /// The account that it belongs to.
    pub stitch_client_id: ClientId,
    /// When it was deleted.
    #[serde(default, deserialize_with = "lenient::text_field")]
    pub deleted_at: Option<String>,
    /// When a person paused it. It can still be started, and stays paused.
    #[serde(default, deserialize_with = "lenient::text_field")]
    pub paused_at: Option<String>,
    /// When Stitch paused it.
    #[serde(default, deserialize_with = "lenient::text_field")]
    pub system_paused_at: Option<String>,
    /// The next step of its set-up; `fully_configured` if there is none.
    #[serde(default, rename = "report_card", deserialize_with = "current_step")]
    pub current_step: Option<String>,
}

fn current_step<'de, D: Deserializer<'de>>(report_card: D) -> Result<Option<String>, D::Error> {
    let raw = <&RawValue>::deserialize(report_card)?;
    Ok(json::at(raw, &["current_step_type"]).and_then(lenient::text))
}

impl Source {
    /// Reads the body.
    pub fn parse(body: &[u8]) -> Result<Self> {
        json::read(body)
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
            (r#"{"name": "adwords"}"#, "missing field `stitch_client_id`"),
            (r#"{"name": null, "stitch_client_id": 0}"#, "stitch_client_id: not an id: 0"),
            ("[]", "not an object: []"),
        ] {
            assert_eq!(alloc::format!("{:#}", Source::parse(body.as_bytes()).expect_err(body)), problem);
        }
    }
}
