//! The syncs of a connection, as far as they can be of a trigger.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use plugin_guest::anyhow::Context;
use plugin_guest::json::{self, RawValue, lenient};
use plugin_guest::timestamp::Timestamp;
use serde::Deserialize;

use crate::envelope::Envelope;
use crate::moment::Moment;
use crate::sync::{Place, Sync};

/// What the history tells of the syncs since a moment. By default it tells nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The first that began since, where it is told.
    pub first: Option<Sync>,
    /// When one began and ended that began before then and had not ended then; no end while it goes on.
    pub before: Option<(Moment, Option<Moment>)>,
    /// Whether Fivetran shows it to this key.
    pub is_shown: bool,
    /// Whether there is one that has not begun, or of which nobody can tell when it ran.
    pub waits: bool,
}

/// One answer of `GET /v1/connections/{id}/sync-history`.
#[derive(Deserialize)]
struct Page<'a> {
    /// In which order they come is not documented.
    #[serde(borrow)]
    items: &'a RawValue,
    #[serde(default, deserialize_with = "lenient::text_field")]
    next_cursor: Option<String>,
}

/// Reads a history page by page, and keeps of its syncs what can decide.
#[derive(Debug)]
pub struct Reader {
    since: Timestamp,
    manual: bool,
    before: Option<(Moment, Option<Moment>)>,
    waits: bool,
    /// Whether the first is told: none that may be it cannot be read.
    told: bool,
    /// The first so far: whether it was put off, when it began, and what is shown of it.
    first: Option<((bool, Moment), Box<RawValue>)>,
}

impl Reader {
    /// Reads the syncs since then. A sync that was put off comes last unless the schedule is `manual`: the one that takes its place
    /// stands for it.
    pub fn new(since: Timestamp, manual: bool) -> Self {
        Self { since, manual, before: None, waits: false, told: true, first: None }
    }

    /// Reads an answer. What to ask for the next one with; none at the last.
    pub fn page(&mut self, body: &[u8]) -> json::Result<Option<String>> {
        let text = json::repaired(body);
        let Envelope { data } = json::object(json::value(&text)?)?;
        let Page { items, next_cursor } = json::object(data).context("data")?;
        json::rows(items, |_, item| self.item(item)).context("data.items")?;
        Ok(next_cursor.filter(|cursor| !cursor.is_empty()))
    }

    /// Reads a sync: what cannot be read of another than the first decides nothing.
    fn item(&mut self, item: &RawValue) {
        let place = Place::of(item);
        match (&place.start.0, &place.end.0) {
            (_, Ok(Some(end))) if end.second() < self.since => {}
            (Ok(Some(began)), Ok(end)) if began.second() < self.since => self.before = Some((*began, *end)),
            (Ok(Some(began)), Err(_)) if began.second() < self.since => self.waits = true,
            (Ok(Some(began)), _) => {
                let place = (place.is_rescheduled() && !self.manual, *began);
                if self.first.as_ref().is_none_or(|(earlier, _)| place < *earlier) {
                    self.first = Some((place, item.to_owned()));
                }
            }
            (Ok(None), _) => self.waits = true,
            // It may be the first.
            (Err(_), _) => self.told = false,
        }
    }

    /// What the pages tell.
    pub fn history(self) -> json::Result<History> {
        let Self { before, waits, told, first, .. } = self;
        let read = |((_, began), item): (_, Box<RawValue>)| {
            Sync::read(&item, began).with_context(|| format!("data.items: the sync that began at {began}"))
        };
        let first = first.filter(|_| told).map(read).transpose()?;
        Ok(History { first, before, is_shown: true, waits: waits || !told })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{at, history, synced};
    use plugin_guest::json::{Value, json};

    /// The id of the first since 12:00:00, and whether one waits.
    fn told(rows: &[Value]) -> (Option<String>, bool) {
        let since = Timestamp::parse("2026-01-05T12:00:00Z").expect("a time");
        let mut reader = Reader::new(since, true);
        assert_eq!(reader.page(&history(rows).body).expect("a page"), None);
        let history = reader.history().expect("a history");
        (history.first.and_then(|sync| sync.id), history.waits)
    }

    fn changed(field: &str, value: Value) -> Value {
        let mut row = synced("12:00:01", Some("12:10:00"), "COMPLETED");
        row[field] = value;
        row
    }

    #[test]
    fn a_row_that_decides_nothing_may_be_anything() {
        let first = synced("12:00:02", Some("12:20:00"), "COMPLETED");
        let found = Some("of 12:00:02".into());
        let mut long_ago = changed("start", json!("once"));
        long_ago["end"] = at("11:50:00");
        let mut later = changed("start", at("12:30:00"));
        later["status"] = json!("ODD");
        for (row, waits) in [
            (long_ago, false),
            (later, false),
            (changed("start", at("11:59:59.9")), false),
            (json!({"start": at("11:59:59.9"), "end": "later"}), true),
            (changed("start", Value::Null), true),
            (json!("odd"), true),
        ] {
            assert_eq!(told(&[row.clone(), first.clone()]), (found.clone(), waits), "{row}");
        }
        assert_eq!(told(&[changed("sync_id", Value::Null)]), (None, false));
    }

    #[test]
    fn where_a_row_may_be_the_first_and_cannot_be_read_none_is_told() {
        let first = synced("12:00:02", Some("12:20:00"), "COMPLETED");
        assert_eq!(told(&[changed("start", json!("once")), first]), (None, true));
    }
}
