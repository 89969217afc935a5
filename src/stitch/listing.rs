//! One page of a list, as the extractions and the loads are listed.

use anyhow::{Result, anyhow};
use plugin_guest::json::{self, RawValue, lenient};
use serde::Deserialize;

/// The rows on a full page.
pub const ROWS_PER_PAGE: u64 = 100;

/// A page before its rows are read: one of no concern must not fail the call.
#[derive(Debug, Deserialize)]
pub struct Listing<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(default, borrow)]
    total: Option<&'a RawValue>,
    #[serde(default, borrow)]
    links: Option<&'a RawValue>,
}

/// Where a page stands in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// How many rows the page has.
    pub rows: u64,
    /// How many rows all pages have together, where that is told.
    pub total: Option<u64>,
    /// Whether no page comes after it.
    pub is_last: bool,
}

impl<'a> Listing<'a> {
    /// Reads the text of a page.
    pub fn parse(text: &'a str) -> Result<Self> {
        json::object(json::value(text)?)
    }

    /// Walks the rows of the `page`th page, each as it stands. A row is named by its path in errors, such as `data[3]`.
    pub fn walk(&self, page: u64, mut each: impl FnMut(usize, &'a RawValue)) -> Result<Place> {
        let mut rows = 0;
        json::rows(self.data, |index, row| {
            rows += 1;
            each(index, row);
        })
        .map_err(|error| anyhow!("data: {error}"))?;
        let total = self.total.and_then(lenient::id);
        let next = self
            .links
            .and_then(json::fields)
            .map(|links| links.get("next").is_some_and(|next| !lenient::is_null(next)));
        let is_last = match (total, next) {
            (Some(total), _) => page.saturating_mul(ROWS_PER_PAGE) >= total,
            (None, Some(next)) => !next,
            (None, None) => rows < ROWS_PER_PAGE,
        };
        Ok(Place { rows, total, is_last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// Whether the second page of a list, with so many rows, is its last.
    fn is_last(rows: usize, total: impl Into<Value>, links: &Value) -> bool {
        let text = json!({"data": vec![json!({}); rows], "total": total.into(), "links": links}).to_string();
        let place = Listing::parse(&text).expect("a page").walk(2, |_, _| ()).expect("rows");
        assert_eq!(place.rows, rows as u64);
        place.is_last
    }

    #[test]
    fn the_last_page_is_told_by_the_total_or_else_by_the_link_to_the_next_or_else_by_its_rows() {
        let next = json!({"next": "/more"});
        assert!(is_last(100, 200, &next));
        assert!(!is_last(1, 201, &json!({})));
        assert!(!is_last(1, Value::Null, &next));
        assert!(is_last(100, Value::Null, &json!({"next": null})));
        assert!(is_last(99, Value::Null, &Value::Null));
        assert!(!is_last(100, Value::Null, &Value::Null));
    }
}
