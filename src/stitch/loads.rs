//! `GET /v4/{stitch_client_id}/loads`: the last attempt to load each stream of an account into the warehouse.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use anyhow::{Result, anyhow};
use plugin_guest::json::{self, RawValue, lenient};
use plugin_guest::report::shorten;
use plugin_guest::timestamp::Timestamp;
use serde::de::{Deserialize, Deserializer};

use super::id::ClientId;
use super::listing::Listing;

/// The path of a page, from 1.
pub fn path(client_id: ClientId, page: u64) -> String {
    format!("/v4/{client_id}/loads?page={page}")
}

/// The last attempt to load a stream. It does not name a job.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Load {
    /// The table.
    #[serde(deserialize_with = "lenient::required_text_field")]
    pub stream_name: String,
    /// When a batch was last loaded.
    #[serde(default, deserialize_with = "lenient::time_field")]
    pub last_batch_loaded_at: Option<Timestamp>,
    /// The error, if it failed.
    #[serde(default, rename = "error_state", deserialize_with = "error")]
    pub error: Option<String>,
}

/// Parses an error: the warehouse's message, else Stitch's. The content of `error_state` is "subject to change", so
/// anything else is shown as it is.
fn error<'de, D: Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    const PLACES: [&[&str]; 3] =
        [&["notification_data", "warehouse_message"], &["notification_data", "message"], &["message"]];
    let raw = <&RawValue>::deserialize(field)?;
    let [warehouse, stitch, message] = PLACES.map(|names| json::at(raw, names));
    let mut chained = None;
    if let Some(chain) = json::at(raw, &["exception_chain"]) {
        _ = json::rows(chain, |_, exception| chained = chained.or_else(|| json::at(exception, &["message"])));
    }
    let mut said = [warehouse, stitch, chained, message].into_iter().flatten();
    Ok(match said.find(|said| said.get().starts_with('"')) {
        Some(said) => lenient::text(said),
        None => lenient::text(raw).map(|text| if raw.get().starts_with('"') { text } else { shorten(&text, 500) }),
    })
}

/// The loads of one source's selected streams on one page.
#[derive(Debug)]
pub struct Page {
    /// The loads.
    pub loads: Vec<Load>,
    /// True if it is the last page.
    pub is_last: bool,
}

impl Page {
    /// Parses the `page`th page. Only the names are read of other sources' rows and of streams that are not selected.
    pub fn parse(body: &[u8], page: u64, source_name: &str, selected: &[String]) -> Result<Self> {
        let text = json::repaired(body);
        let (mut loads, mut unread) = (Vec::new(), None);
        let place = Listing::parse(&text)?.walk(page, |at, row| {
            let Some(fields) = json::fields(row) else { return };
            let text = |name: &str| fields.get(name).and_then(|text| lenient::text(text));
            let is_selected = || text("stream_name").is_none_or(|stream| selected.contains(&stream));
            if text("source_name").as_deref() == Some(source_name) && is_selected() {
                match json::object(row) {
                    Ok(load) => loads.push(load),
                    Err(problem) => unread = unread.take().or(Some(anyhow!("data[{at}].{problem}"))),
                }
            }
        })?;
        match unread {
            Some(problem) => Err(problem),
            None => Ok(Self { loads, is_last: place.rows == 0 || place.is_last }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::read;
    use alloc::borrow::ToOwned;
    use alloc::string::ToString;
    use serde_json::json;

    #[test]
    fn a_page_gives_the_loads_of_one_source() {
        let body = json!({"data": [
            {"source_name": "heroku", "stream_name": "customers", "last_batch_loaded_at": "2020-06-23T01:35:47Z", "error_state": null},
            {"source_name": "recurly", "stream_name": null},
        ], "page": 1, "total": 2, "links": {}})
        .to_string();
        let selected = ["customers".to_owned()];
        let page = Page::parse(body.as_bytes(), 1, "heroku", &selected).expect("a page");
        assert!(page.is_last);
        assert_eq!(page.loads.len(), 1);
        assert_eq!(page.loads[0].last_batch_loaded_at, Timestamp::parse("2020-06-23T01:35:47Z"));
        assert_eq!(page.loads[0].error, None);
        assert_eq!(Page::parse(body.as_bytes(), 1, "heroku", &[]).expect("a page").loads.len(), 0);
        let error = Page::parse(body.as_bytes(), 1, "recurly", &selected).expect_err("a broken row");
        assert_eq!(error.to_string(), "data[1].stream_name: not text: null");
    }

    #[test]
    fn an_error_speaks_in_the_warehouses_words_first() {
        for (error_state, message) in [
            (json!({"notification_data": {"message": "connect", "warehouse_message": "[Simba] no"}}), "[Simba] no"),
            (json!({"notification_data": {"message": "connect", "warehouse_message": null}}), "connect"),
            (json!({"exception_chain": [{"message": "chained"}]}), "chained"),
            (json!("bare"), "bare"),
            (json!({"new": 1}), r#"{"new":1}"#),
        ] {
            let load: Load = read(&json!({"stream_name": "a", "error_state": error_state})).expect("a load");
            assert_eq!(load.error.as_deref(), Some(message));
        }
    }
}
