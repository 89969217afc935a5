//! Reading an answer's JSON, with errors that name the field.

use alloc::string::{String, ToString};

pub use anyhow::Result;
use anyhow::{anyhow, bail};
pub use serde_json::{Value, json};

use crate::report::shorten;
use crate::timestamp::Timestamp;

/// The most characters that an error shows of a value.
const MOST_SHOWN: usize = 40;

/// Reads a body.
pub fn parse(body: &[u8]) -> Result<Value> {
    serde_json::from_slice(body).map_err(|error| anyhow!("it is no JSON: {error}"))
}

/// The field called `name`, read by `read`. Null is as good as absent.
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

/// The field called `name`, which must be there.
pub fn required<'a, T>(
    object: &'a Value,
    name: &str,
    kind: &str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<T> {
    optional(object, name, kind, read)?.ok_or_else(|| anyhow!("{name} is missing"))
}

/// An id: a number, or the digits of one.
pub fn id(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The time called `name`.
pub fn time(object: &Value, name: &str) -> Result<Option<Timestamp>> {
    optional(object, name, "a time such as 2020-06-19T15:09:38Z", |value| Timestamp::parse(value.as_str()?))
}

/// What is documented as text, or whatever stands in its place, as text.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
