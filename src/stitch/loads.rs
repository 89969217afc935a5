//! `GET /v4/{stitch_client_id}/loads`: the last attempt to load each stream of an account into the warehouse.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use anyhow::{Context, Result};
use serde_json::Value;

use super::id::ClientId;
use super::listing::Listing;
use plugin_guest::json;
use plugin_guest::report::shorten;
use plugin_guest::timestamp::Timestamp;

/// The path of a page; the first is 1.
pub fn path(client_id: ClientId, page: u64) -> String {
    format!("/v4/{client_id}/loads?page={page}")
}

/// The last attempt to load a stream. It names no job.
#[derive(Clone, Debug)]
pub struct Load {
    /// The table.
    pub stream_name: String,
    /// When a batch was last loaded.
    pub last_batch_loaded_at: Option<Timestamp>,
    /// What went wrong, where something did.
    pub error: Option<String>,
}

impl Load {
    /// Understands a row.
    pub fn parse(row: &Value) -> Result<Self> {
        Ok(Self {
            stream_name: json::required(row, "stream_name", "text", Value::as_str)?.to_owned(),
            last_batch_loaded_at: json::time(row, "last_batch_loaded_at")?,
            error: error(&row["error_state"]),
        })
    }
}

/// The warehouse's own words before Stitch's. The inside of `error_state` is "subject to change", so anything else is shown
/// as it is.
fn error(error_state: &Value) -> Option<String> {
    let notification = &error_state["notification_data"];
    let said = [
        &notification["warehouse_message"],
        &notification["message"],
        &error_state["exception_chain"][0]["message"],
        &error_state["message"],
        error_state,
    ]
    .into_iter()
    .find_map(Value::as_str);
    match (error_state, said) {
        (Value::Null, _) => None,
        (_, Some(text)) => Some(text.to_owned()),
        (other, None) => Some(shorten(&other.to_string(), 500)),
    }
}

/// The loads of one source on one page.
#[derive(Debug)]
pub struct Page {
    /// The loads of the source.
    pub loads: Vec<Load>,
    /// Whether there is no page after this one.
    pub is_last: bool,
}

impl Page {
    /// Reads the body of the `page`th page. Rows of other sources are not understood further than their names.
    pub fn parse(body: &[u8], page: u64, source_name: &str) -> Result<Self> {
        let listing = Listing::parse(body, page)?;
        let mut loads = Vec::new();
        for (at, row) in listing.data.iter().enumerate().filter(|(_, row)| row["source_name"] == source_name) {
            loads.push(Load::parse(row).with_context(|| format!("data[{at}]"))?);
        }
        Ok(Self { loads, is_last: listing.data.is_empty() || listing.is_last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_gives_the_loads_of_one_source() {
        let body = json!({"data": [
            {"source_name": "heroku", "stream_name": "customers", "last_batch_loaded_at": "2020-06-23T01:35:47Z", "error_state": null},
            {"source_name": "recurly", "stream_name": 7},
        ], "page": 1, "total": 2, "links": {}})
        .to_string();
        let page = Page::parse(body.as_bytes(), 1, "heroku").expect("a page");
        assert!(page.is_last);
        assert_eq!(page.loads.len(), 1);
        assert_eq!(page.loads[0].last_batch_loaded_at, Timestamp::parse("2020-06-23T01:35:47Z"));
        assert_eq!(page.loads[0].error, None);
        let error = Page::parse(body.as_bytes(), 1, "recurly").expect_err("a broken row");
        assert_eq!(format!("{error:#}"), "data[1]: stream_name is not text: 7");
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
            let load = Load::parse(&json!({"stream_name": "a", "error_state": error_state})).expect("a load");
            assert_eq!(load.error.as_deref(), Some(message));
        }
    }
}
