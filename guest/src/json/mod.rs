//! JSON parsing of answers and runs, with errors that name the field.
//!
//! An answer that is an object is [`read`] into a struct that derives `Deserialize`, with [`lenient`] fields. A list is
//! [`repaired`], taken as one [`value`] and walked by its [`rows`], of which only those that matter are parsed. The functions
//! over [`Value`]s are for runs, which are short and written by the plugin itself.

pub mod lenient;
mod read;
mod repair;

use alloc::string::{String, ToString};

pub use anyhow::Result;
use anyhow::{anyhow, bail};
pub use read::{Fields, at, fields, object, read, rows, value};
pub use repair::repaired;
pub use serde_json::value::RawValue;
pub use serde_json::{Value, json};

use crate::report::shorten;
use crate::timestamp::Timestamp;

/// The most characters that an error shows of a value.
pub const MOST_SHOWN: usize = 40;

/// Parses JSON.
pub fn parse(body: &[u8]) -> Result<Value> {
    serde_json::from_slice(body).map_err(|error| anyhow!("it is not JSON: {error}"))
}

/// The optional field called `name`, parsed by `read`. Null counts as absent.
pub fn optional<'a, T>(
    object: &'a Value,
    name: &str,
    kind: &str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<Option<T>> {
    match &object[name] {
        Value::Null => Ok(None),
        value => match read(value) {
            Some(read) => Ok(Some(read)),
            None => bail!("{name} is not {kind}: {}", shorten(&value.to_string(), MOST_SHOWN)),
        },
    }
}

/// The required field called `name`, parsed by `read`.
pub fn required<'a, T>(
    object: &'a Value,
    name: &str,
    kind: &str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<T> {
    optional(object, name, kind, read)?.ok_or_else(|| anyhow!("{name} is missing"))
}

/// An id: a whole number, which may be in a string.
pub fn id(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The optional time called `name`.
pub fn time(object: &Value, name: &str) -> Result<Option<Timestamp>> {
    optional(object, name, "a time such as 2020-06-19T15:09:38Z", |value| Timestamp::parse(value.as_str()?))
}

/// Text: the content of a string, or any other value as JSON. None for null.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_or_the_error_names_it_and_shows_a_little_of_it() {
        let object = json!({"id": 7, "digits": "8", "null": null, "long": "x".repeat(50)});
        let read = |name| optional(&object, name, "an id", id).map_err(|problem| problem.to_string());
        assert_eq!((read("id"), read("digits")), (Ok(Some(7)), Ok(Some(8))));
        assert_eq!((read("null"), read("absent")), (Ok(None), Ok(None)));
        let shown = alloc::format!("long is not an id: \"{}…", "x".repeat(38));
        assert_eq!(read("long"), Err(shown));
        for name in ["null", "absent"] {
            let problem = required(&object, name, "an id", id).expect_err(name).to_string();
            assert_eq!(problem, alloc::format!("{name} is missing"));
        }
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        for value in [json!([]), json!(7), Value::Null] {
            assert_eq!(optional(&value, "id", "an id", id).expect("no id"), None);
        }
    }

    #[test]
    fn a_body_that_is_no_json_says_where() {
        let problem = parse(b"<html>").expect_err("no JSON").to_string();
        assert_eq!(problem, "it is not JSON: expected value at line 1 column 1");
    }

    #[test]
    fn a_time_is_read_and_what_is_none_is_shown() {
        let object = json!({"at": "2026-01-05T10:00:00Z", "odd": "noon"});
        assert_eq!(time(&object, "at").expect("a time"), Timestamp::parse("2026-01-05T10:00:00Z"));
        let problem = time(&object, "odd").expect_err("no time").to_string();
        assert_eq!(problem, "odd is not a time such as 2020-06-19T15:09:38Z: \"noon\"");
    }

    #[test]
    fn whatever_stands_where_text_is_documented_is_text() {
        for (value, shown) in [(json!("x"), Some("x")), (json!({"a": 1}), Some(r#"{"a":1}"#)), (Value::Null, None)] {
            assert_eq!(text(&value).as_deref(), shown);
        }
    }
}
