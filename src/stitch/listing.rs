//! Pages of lists: of extractions and loads.

use anyhow::{Result, anyhow};
use plugin_guest::json::{self, RawValue, lenient};
use serde::Deserialize;

/// The rows on a full page.
pub const ROWS_PER_PAGE: u64 = 100;

/// A page whose rows are not parsed yet: an odd row of another source must not fail the call.
#[derive(Debug, Deserialize)]
pub struct Listing<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(default, borrow)]
    total: Option<&'a RawValue>,
    #[serde(default, borrow)]
    links: Option<&'a RawValue>,
}

/// The place of a page in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of rows on the page.
    pub rows: u64,
    /// The number of rows on all pages, if told.
    pub total: Option<u64>,
    /// True if it is the last page.
    pub is_last: bool,
}

impl<'a> Listing<'a> {
    /// Parses a page.
    pub fn parse(text: &'a str) -> Result<Self> {
        json::object(json::value(text)?)
    }

    /// Visits the raw rows of the `page`th page. Errors name a row by its path, such as `data[3]`.
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

    /// True if the second page of a list, with this many rows, is its last.
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
