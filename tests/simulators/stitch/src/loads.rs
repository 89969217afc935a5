use jiff::Timestamp;
use serde_json::json;

use crate::{Account, Answer, page};

/// `GET /v4/{stitch_client_id}/loads?page=N`: the last load attempt of each stream, by stream name.
pub(crate) fn list(account: &Account, page: Option<&str>, now: Timestamp) -> Answer {
    let streams = account.sources().flat_map(|source| source.streams().iter().map(move |stream| (source, stream)));
    let mut streams: Vec<_> = streams.collect();
    streams.sort_by_key(|(source, stream)| (stream.name(), source.id()));
    let rows = streams.into_iter().filter_map(|(source, stream)| {
        let mut row = stream.load_row(now)?;
        row["stitch_client_id"] = json!(account.client_id().0);
        row["source_name"] = json!(source.name());
        Some(row)
    });
    page::answer(&format!("/v4/{}/loads", account.client_id()), page, &rows.collect::<Vec<_>>())
}
