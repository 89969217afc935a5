//! `GET /v4/{stitch_client_id}/extractions`: the last extraction of each source of an account, sorted by source id.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use anyhow::{Result, bail};
use plugin_guest::json::{self, lenient};

use super::extraction::Extraction;
use super::id::{ClientId, SourceId};
use super::job_name::JobName;
use super::listing::Listing;
use crate::page_search::Look;

/// The path of a page, from 1.
pub fn path(client_id: ClientId, page: u64) -> String {
    format!("/v4/{client_id}/extractions?page={page}")
}

/// A page, read for some runs.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its place in the page search.
    pub look: Look,
    rows: Vec<Row>,
}

/// The row of a run's source or job.
#[derive(Clone, Debug)]
struct Row {
    source_id: Option<SourceId>,
    job: Option<String>,
    /// The extraction, or why it cannot be read.
    extraction: Result<Extraction, String>,
}

impl Page {
    /// Parses the `page`th page for the runs whose source or job `is_wanted`. Nothing else is read of other rows, so odd values
    /// there do no harm.
    pub fn parse(body: &[u8], page: u64, is_wanted: impl Fn(Option<SourceId>, Option<&str>) -> bool) -> Result<Self> {
        let text = json::repaired(body);
        let (mut ends, mut rows) = (Ends::default(), Vec::new());
        let place = Listing::parse(&text)?.walk(page, |at, row| {
            let Some(fields) = json::fields(row) else { return };
            let source_id = fields.get("source_id").and_then(|id| SourceId::new(lenient::id(id)?));
            ends.extend(source_id);
            let job = fields.get("job_name").and_then(|name| lenient::text(name));
            if is_wanted(source_id, job.as_deref()) {
                let extraction = json::object(row).map_err(|problem| format!("data[{at}].{problem}"));
                rows.push(Row { source_id, job, extraction });
            }
        })?;
        Ok(Self { look: Look { page, ends: ends.get(), total: place.total, is_last: place.is_last }, rows })
    }

    /// The rows of a source or of our job: by the documentation at most one. Our job is found by its name first, then by its source.
    ///
    /// An unreadable row of the source is an error, as it may be our job's, unless our job is also found.
    pub fn of(&self, source_id: SourceId, job: Option<&JobName>) -> Result<Vec<Extraction>> {
        let job = job.map(JobName::as_str);
        let is_ours = |row: &&Row| row.source_id == Some(source_id) || job.is_some() && row.job.as_deref() == job;
        let (mut rows, mut unread) = (Vec::new(), None);
        for row in self.rows.iter().filter(is_ours) {
            match &row.extraction {
                Ok(extraction) => rows.push(extraction.clone()),
                Err(problem) => unread = unread.or(Some(problem)),
            }
        }
        let is_found = rows.iter().any(|row| Some(row.job_name.as_str()) == job);
        match unread {
            Some(problem) if !is_found => bail!("{problem}"),
            _ => Ok(rows),
        }
    }
}

/// The two least and the two greatest source ids of a page, sorted.
#[derive(Default)]
struct Ends(Vec<SourceId>);

impl Ends {
    fn extend(&mut self, id: Option<SourceId>) {
        self.0.extend(id);
        self.0.sort_unstable();
        if self.0.len() > 4 {
            self.0.remove(2);
        }
    }

    /// The ends of the page. With more than two rows the outermost are left out: one odd id among a hundred must not
    /// make it look as if our source belonged there.
    fn get(&self) -> Option<(SourceId, SourceId)> {
        match self.0[..] {
            [] => None,
            [only] | [_, only, _] => Some((only, only)),
            [least, greatest] | [_, least, greatest, ..] => Some((least, greatest)),
        }
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

    fn page(body: &str, number: u64) -> Page {
        Page::parse(body.as_bytes(), number, |_, _| true).expect("a page")
    }

    #[test]
    fn a_page_tells_its_ends_and_the_rows_of_the_source() {
        let body =
            json!({"data": [row("1.7.sync.a"), {"source_id": "9", "odd": true}, row("1.12.sync.b")], "total": 203,
            "page": 2, "links": {"next": "/v4/1/extractions?page=3"}})
            .to_string();
        let page = page(&body, 2);
        assert_eq!(page.look.ends, Some((source(9), source(9))));
        assert!(!page.look.is_last);
        let rows = page.of(source(12), None).expect("rows");
        assert_eq!(rows.iter().map(|row| row.job_name.to_string()).collect::<Vec<_>>(), ["1.12.sync.b"]);
    }

    #[test]
    fn the_outermost_ids_of_a_page_are_not_its_ends() {
        for (ids, ends) in [
            (&[][..], None),
            (&[5], Some((5, 5))),
            (&[5, 9], Some((5, 9))),
            (&[5, 7, 9], Some((7, 7))),
            (&[1, 2, 3, 4], Some((2, 3))),
            (&[1, 2, 3, 4, 99_999_999], Some((2, 4))),
            (&[99_999_999, 2, 3, 4, 5, 1], Some((2, 5))),
        ] {
            let rows: Vec<_> = ids.iter().map(|id| json!({"source_id": id})).collect();
            let page = page(&json!({"data": rows}).to_string(), 1);
            assert_eq!(page.look.ends, ends.map(|(least, greatest)| (source(least), source(greatest))), "{ids:?}");
        }
    }

    #[test]
    fn without_total_the_links_tell_the_last_page() {
        for (body, is_last) in [
            (r#"{"data": [], "links": {"next": "/more"}}"#, false),
            (r#"{"data": [], "links": {}}"#, true),
            (r#"{"data": []}"#, true),
            (r#"{"data": [], "total": "all", "links": {"next": "/more"}}"#, false),
            (r#"{"data": [], "total": {}, "links": 7}"#, true),
        ] {
            assert_eq!(page(body, 1).look.is_last, is_last, "{body}");
        }
    }

    #[test]
    fn a_broken_row_of_another_source_is_no_concern_and_one_of_ours_is() {
        let body = json!({"data": [{"source_id": null}, 7, {"source_id": 5, "job_name": 1}]}).to_string();
        assert!(page(&body, 1).of(source(4), None).expect("no rows").is_empty());
        let error = page(&body, 1).of(source(5), None).expect_err("a broken row");
        assert_eq!(format!("{error:#}"), "data[2].job_name: not the name of a job: 1");
    }

    #[test]
    fn what_is_no_page_is_an_error_that_says_why() {
        for (body, problem) in [
            ("", "its body is empty"),
            ("{}", "missing field `data`"),
            (r#"{"data": {}}"#, "data: not a list: {}"),
            ("[]", "not an object: []"),
        ] {
            assert_eq!(Page::parse(body.as_bytes(), 1, |_, _| true).expect_err(body).to_string(), problem);
        }
    }
}
