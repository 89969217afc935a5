//! The syncs of a connection, as far as they can be of a trigger.

use alloc::string::String;
use alloc::vec::Vec;

use plugin_guest::json::{self, Value};
use plugin_guest::timestamp::Timestamp;

use crate::moment::Moment;
use crate::sync::Sync;

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
pub struct Page {
    /// Its syncs. In which order they come is not documented.
    pub rows: Vec<Value>,
    /// What to ask for the next one with; none at the last.
    pub cursor: Option<String>,
}

impl Page {
    /// Reads an answer.
    pub fn parse(body: &[u8]) -> json::Result<Self> {
        let data = &json::parse(body)?["data"];
        Ok(Self {
            rows: json::required(data, "items", "a list", |items| items.as_array().cloned())?,
            cursor: json::text(&data["next_cursor"]).filter(|cursor| !cursor.is_empty()),
        })
    }
}

impl History {
    /// Reads the syncs since then row by row: what cannot be read of another than the first decides nothing. A sync that was put
    /// off comes last unless the schedule is `manual`: the one that takes its place stands for it.
    pub fn of(rows: &[Value], since: Timestamp, manual: bool) -> json::Result<Self> {
        let has_ended = |row: &Value| matches!(Sync::moment(row, "end"), Ok(Some(end)) if end.second() < since);
        let (mut before, mut waits, mut told, mut first) = (None, false, true, None);
        for row in rows.iter().filter(|row| !has_ended(row)) {
            match Sync::moment(row, "start") {
                Ok(Some(began)) if began.second() < since => match Sync::moment(row, "end") {
                    Ok(end) => before = Some((began, end)),
                    Err(_) => waits = true,
                },
                Ok(Some(began)) => {
                    let place = (row["status"] == "RESCHEDULED" && !manual, began);
                    if first.is_none_or(|(earlier, _)| place < earlier) {
                        first = Some((place, row));
                    }
                }
                Ok(None) => waits = true,
                // It may be the first.
                Err(_) => told = false,
            }
        }
        let first = first.filter(|_| told).map(|((_, began), row)| Sync::read(row, began)).transpose()?;
        Ok(Self { first, before, is_shown: true, waits: waits || !told })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{at, synced};
    use plugin_guest::json::json;

    /// The id of the first since 12:00:00, and whether one waits.
    fn told(rows: &[Value]) -> (Option<String>, bool) {
        let since = Timestamp::parse("2026-01-05T12:00:00Z").expect("a time");
        let history = History::of(rows, since, true).expect("a history");
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
