//! `GET /v4/{stitch_client_id}/extractions`: the last extraction of each source of an account, sorted by source id.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use anyhow::{Context, Result};

use super::extraction::Extraction;
use super::id::{ClientId, SourceId};
use super::listing::Listing;
use crate::page_search::Look;

/// The path of a page; the first is 1.
pub fn path(client_id: ClientId, page: u64) -> String {
    format!("/v4/{client_id}/extractions?page={page}")
}

/// What one page says of one source.
#[derive(Debug)]
pub struct Page {
    /// What it says about where the source is listed.
    pub look: Look,
    /// The rows of the source: one at most by the documentation.
    pub rows: Vec<Extraction>,
}

impl Page {
    /// Reads the body of the `page`th page. Rows of other sources are not understood further than their ids.
    pub fn parse(body: &[u8], page: u64, source_id: SourceId) -> Result<Self> {
        let listing = Listing::parse(body, page)?;
        let ids: Vec<Option<SourceId>> = listing.data.iter().map(Extraction::source_of).collect();
        let mut rows = Vec::new();
        for (at, row) in listing.data.iter().enumerate().filter(|(at, _)| ids[*at] == Some(source_id)) {
            rows.push(Extraction::parse(row).with_context(|| format!("data[{at}]"))?);
        }
        let listed = ids.iter().flatten().copied();
        let ends = listed.clone().min().zip(listed.max());
        Ok(Self { look: Look { page, ends, total: listing.total, is_last: listing.is_last }, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::row;
    use alloc::string::ToString;
    use serde_json::json;

    fn source(number: u64) -> SourceId {
        SourceId::new(number).expect("an id")
    }

    #[test]
    fn a_page_tells_its_ends_and_the_rows_of_the_source() {
        let body =
            json!({"data": [row("1.7.sync.a"), {"source_id": "9", "odd": true}, row("1.12.sync.b")], "total": 203,
            "page": 2, "links": {"next": "/v4/1/extractions?page=3"}})
            .to_string();
        let page = Page::parse(body.as_bytes(), 2, source(12)).expect("a page");
        assert_eq!(page.look.ends, Some((source(7), source(12))));
        assert!(!page.look.is_last);
        assert_eq!(page.rows.iter().map(|row| row.job_name.to_string()).collect::<Vec<_>>(), ["1.12.sync.b"]);
    }

    #[test]
    fn without_total_the_links_tell_the_last_page() {
        for (body, is_last) in [
            (r#"{"data": [], "links": {"next": "/more"}}"#, false),
            (r#"{"data": [], "links": {}}"#, true),
            (r#"{"data": []}"#, true),
        ] {
            assert_eq!(Page::parse(body.as_bytes(), 1, source(1)).expect(body).look.is_last, is_last, "{body}");
        }
    }

    #[test]
    fn a_broken_row_of_another_source_is_no_concern_and_one_of_ours_is() {
        let body = json!({"data": [{"source_id": null}, 7, {"source_id": 5, "job_name": 1}]}).to_string();
        assert!(Page::parse(body.as_bytes(), 1, source(4)).expect("a page").rows.is_empty());
        let error = Page::parse(body.as_bytes(), 1, source(5)).expect_err("a broken row");
        assert_eq!(format!("{error:#}"), "data[2]: job_name is not the name of a job: 1");
    }

    #[test]
    fn what_is_no_page_is_an_error_that_says_why() {
        for (body, problem) in [
            ("", "it is no JSON: EOF while parsing a value at line 1 column 0"),
            ("{}", "data is missing"),
            (r#"{"data": {}}"#, "data is not a list: {}"),
            (r#"{"data": [], "total": "all"}"#, "total is not a count: \"all\""),
        ] {
            assert_eq!(Page::parse(body.as_bytes(), 1, source(1)).expect_err(body).to_string(), problem);
        }
    }
}
