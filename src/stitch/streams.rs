//! `GET /v4/sources/{source_id}/streams`: the tables of a source.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::id::SourceId;
use plugin_guest::json;

/// The path of a source's streams.
pub fn path(source_id: SourceId) -> String {
    format!("/v4/sources/{source_id}/streams")
}

/// Reads the body: the names of the streams that are selected; null is not. Two streams can share a name, and loads cannot
/// tell them apart.
pub fn parse_selected(body: &[u8]) -> Result<Vec<String>> {
    let json = json::parse(body)?;
    let Value::Array(streams) = json else { bail!("it is no list of streams") };
    let mut selected = Vec::<String>::new();
    for (at, stream) in streams.iter().enumerate().filter(|(_, stream)| stream["selected"] == true) {
        let name = json::required(stream, "stream_name", "text", Value::as_str).with_context(|| format!("[{at}]"))?;
        if !selected.iter().any(|known| known == name) {
            selected.push(name.to_owned());
        }
    }
    Ok(selected)
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
        assert_eq!(format!("{error:#}"), "[0]: stream_name is missing");
    }
}
