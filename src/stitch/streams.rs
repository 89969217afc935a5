//! `GET /v4/sources/{source_id}/streams`: the tables of a source.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use anyhow::{Result, anyhow};
use plugin_guest::json::{self, lenient};

use super::id::SourceId;

/// The path of a source's streams.
pub fn path(source_id: SourceId) -> String {
    format!("/v4/sources/{source_id}/streams")
}

/// Parses the names of the selected streams; null means not selected. Two streams can share a name, and loads cannot
/// tell them apart.
pub fn parse_selected(body: &[u8]) -> Result<Vec<String>> {
    let text = json::repaired(body);
    let (mut selected, mut nameless) = (Vec::<String>::new(), None);
    json::rows(json::value(&text)?, |at, stream| {
        if !json::at(stream, &["selected"]).is_some_and(lenient::is_true) {
            return;
        }
        match json::at(stream, &["stream_name"]).and_then(lenient::text) {
            Some(name) if selected.contains(&name) => {}
            Some(name) => selected.push(name),
            None => nameless = nameless.or(Some(at)),
        }
    })?;
    match nameless {
        Some(at) => Err(anyhow!("[{at}].stream_name: a stream that is selected has no name")),
        None => Ok(selected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_selected_streams_count_and_a_shared_name_counts_once() {
        let body = br#"[{"selected": true, "stream_name": "b", "stream_id": 1}, {"selected": null, "stream_name": "c"},
            {"selected": false, "stream_name": "d"}, {"stream_name": "e"}, {"selected": true, "stream_name": "a"},
            {"selected": true, "stream_name": "b", "stream_id": 2}]"#;
        assert_eq!(parse_selected(body).expect("streams"), ["b", "a"]);
    }

    #[test]
    fn a_stream_without_a_name_is_an_error() {
        let error = parse_selected(br#"[{"selected": true}]"#).expect_err("no name");
        assert_eq!(format!("{error:#}"), "[0].stream_name: a stream that is selected has no name");
    }
}
