//! The sync history of a connection, as far as its syncs can be a trigger's.

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

/// The syncs since a moment. Empty by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The first sync that began since, if known.
    pub first: Option<Sync>,
    /// The sync that was running at that moment: when it began, and when it ended, if it has.
    pub before: Option<(Moment, Option<Moment>)>,
    /// True if this key may see the history.
    pub is_shown: bool,
    /// True if there is a sync that has not begun, or whose times are unknown.
    pub waits: bool,
}

/// One answer of `GET /v1/connections/{id}/sync-history`.
#[derive(Deserialize)]
struct Page<'a> {
    /// Their order is not documented.
    #[serde(borrow)]
    items: &'a RawValue,
    #[serde(default, deserialize_with = "lenient::text_field")]
    next_cursor: Option<String>,
}

/// Reads a history page by page, and keeps only the syncs that matter.
#[derive(Debug)]
pub struct Reader {
    since: Timestamp,
    manual: bool,
    before: Option<(Moment, Option<Moment>)>,
    waits: bool,
    /// True if the first is known: no sync that may be the first is unreadable.
    told: bool,
    /// The first so far: whether it was postponed, when it began, and its JSON.
    first: Option<((bool, Moment), Box<RawValue>)>,
}

impl Reader {
    /// Reads the syncs since then. Unless the schedule is `manual`, a postponed sync comes last: the one that replaces
    /// it stands for it.
    pub fn new(since: Timestamp, manual: bool) -> Self {
        Self { since, manual, before: None, waits: false, told: true, first: None }
    }

    /// Reads a page, and returns the cursor of the next; none after the last.
    pub fn page(&mut self, body: &[u8]) -> json::Result<Option<String>> {
        let text = json::repaired(body);
        let Envelope { data } = json::object(json::value(&text)?)?;
        let Page { items, next_cursor } = json::object(data).context("data")?;
        json::rows(items, |_, item| self.item(item)).context("data.items")?;
        Ok(next_cursor.filter(|cursor| !cursor.is_empty()))
    }

    /// Reads a sync. Unreadable parts matter only in the first.
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

    /// The history that the pages contain.
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

    /// The history since 12:00:00.
    fn read(rows: &[Value]) -> json::Result<History> {
        let since = Timestamp::parse("2026-01-05T12:00:00Z").expect("a time");
        let mut reader = Reader::new(since, true);
        assert_eq!(reader.page(&history(rows).body).expect("a page"), None);
        reader.history()
    }

    /// The id of the first sync since 12:00:00, and whether one waits.
    fn told(rows: &[Value]) -> (Option<String>, bool) {
        let history = read(rows).expect("a history");
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
    fn of_rows_that_began_in_one_moment_the_first_that_is_listed_counts() {
        let rows = ["one", "other"].map(|id| changed("sync_id", json!(id)));
        assert_eq!(told(&rows), (Some("one".into()), false));
    }

    #[test]
    fn a_sync_that_ended_in_the_second_of_the_moment_was_running_then() {
        for (end, was_running) in [("11:59:59.9", false), ("12:00:00", true)] {
            let mut row = changed("start", at("11:50:00"));
            row["end"] = at(end);
            assert_eq!(read(&[row]).expect("a history").before.is_some(), was_running, "{end}");
        }
    }

    #[test]
    fn an_end_that_cannot_be_read_matters_of_a_sync_that_began_since() {
        for (start, matters) in [("11:59:59.9", false), ("12:00:00", true), ("12:00:01", true)] {
            let mut row = changed("end", json!("later"));
            row["start"] = at(start);
            assert_eq!(read(&[row]).is_err(), matters, "{start}");
        }
    }

    #[test]
    fn where_a_row_may_be_the_first_and_cannot_be_read_none_is_told() {
        let first = synced("12:00:02", Some("12:20:00"), "COMPLETED");
        assert_eq!(told(&[changed("start", json!("once")), first]), (None, true));
    }
}
