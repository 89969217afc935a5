//! One page of a list, as the extractions and the loads are listed.

use alloc::vec::Vec;

use anyhow::Result;
use serde_json::Value;

use plugin_guest::json;

/// The rows on a full page.
pub const ROWS_PER_PAGE: u64 = 100;

/// A page before its rows are understood: a row of no concern must not fail the call.
#[derive(Debug)]
pub struct Listing {
    /// The rows.
    pub data: Vec<Value>,
    /// How many rows all pages have together, where it says so.
    pub total: Option<u64>,
    /// Whether no page comes after it.
    pub is_last: bool,
}

impl Listing {
    /// Reads the body of the `page`th page.
    pub fn parse(body: &[u8], page: u64) -> Result<Self> {
        let mut json = json::parse(body)?;
        let total = json::optional(&json, "total", "a count", json::id)?;
        let is_last = match total {
            Some(total) => page.saturating_mul(ROWS_PER_PAGE) >= total,
            None => json["links"]["next"].is_null(),
        };
        json::required(&json, "data", "a list", Value::as_array)?;
        let data = json["data"].as_array_mut().map(core::mem::take).unwrap_or_default();
        Ok(Self { data, total, is_last })
    }
}
