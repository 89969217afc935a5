use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::{Answer, ErrorBody};

/// The number of rows on a full page.
pub(crate) const ROWS_PER_PAGE: usize = 100;

/// Answers one page of `rows`, which are all there are now, of the list at `path`.
///
/// Undocumented, and so assumed: no page means the first, a page beyond the last has no rows, and a page that is not a
/// positive number is a 400.
pub(crate) fn answer(path: &str, page: Option<&str>, rows: &[Value]) -> Answer {
    let Some(page) = page.unwrap_or("1").parse::<usize>().ok().filter(|page| *page > 0) else {
        let message = "page must be a positive integer".to_owned();
        return ErrorBody::InvalidFields(message).with_status(StatusCode::BAD_REQUEST);
    };
    let start = (page - 1).saturating_mul(ROWS_PER_PAGE).min(rows.len());
    let end = start.saturating_add(ROWS_PER_PAGE).min(rows.len());
    let mut links = Map::new();
    let mut link = |name: &str, page: usize| links.insert(name.to_owned(), json!(format!("{path}?page={page}")));
    if end < rows.len() {
        link("next", page + 1);
    }
    if page > 1 {
        link("previous", page - 1);
    }
    let page = json!({"data": rows[start..end], "page": page, "total": rows.len(), "links": links});
    Answer::json(StatusCode::OK, page)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of rows on a page of 237, and its links.
    fn read(page: Option<&str>) -> (usize, String) {
        let rows: Vec<_> = (0..237).map(Value::from).collect();
        let mut answer = answer("/v4/116078/extractions", page, &rows);
        let links = answer.json_mut().unwrap()["links"].to_string();
        (answer.rows_mut().count(), links)
    }

    #[test]
    fn pages_link_to_their_neighbours() {
        let next = r#"{"next":"/v4/116078/extractions?page=2"}"#;
        assert_eq!(read(None), (100, next.to_owned()));
        assert_eq!(read(Some("1")), (100, next.to_owned()));
        let both = r#"{"next":"/v4/116078/extractions?page=3","previous":"/v4/116078/extractions?page=1"}"#;
        assert_eq!(read(Some("2")), (100, both.to_owned()));
        assert_eq!(read(Some("3")), (37, r#"{"previous":"/v4/116078/extractions?page=2"}"#.to_owned()));
    }

    #[test]
    fn a_page_beyond_the_last_has_no_rows() {
        assert_eq!(read(Some("9")).0, 0);
        assert_eq!(read(Some("18446744073709551615")).0, 0);
    }

    #[test]
    fn what_fits_on_one_page_has_no_links() {
        let mut answer = answer("/v4/1/loads", None, &[Value::Null]);
        let page = json!({"data": [null], "page": 1, "total": 1, "links": {}});
        assert_eq!(answer.json_mut(), Some(&mut page.clone()));
    }

    #[test]
    fn a_page_that_is_no_positive_number_is_refused() {
        for page in ["0", "-1", "two", ""] {
            assert_eq!(answer("/", Some(page), &[]).status, StatusCode::BAD_REQUEST, "{page:?}");
        }
    }
}
