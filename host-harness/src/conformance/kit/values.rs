//! Values of a kit, and the times in its texts.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::contract::{FieldKind, NamedValue, Value};

/// A field's value in TOML.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Plain {
    Boolean(bool),
    Integer(i64),
    Decimal(f64),
    Text(String),
}

impl Plain {
    /// The value for a field, its texts passed through `fill`. A whole number is a decimal one where the field takes that.
    #[allow(clippy::cast_precision_loss, reason = "as close as a decimal comes")]
    pub(crate) fn named(&self, name: &str, kind: Option<FieldKind>, fill: impl Fn(&str) -> String) -> NamedValue {
        let value = match self {
            Self::Integer(number) if kind == Some(FieldKind::Decimal) => Value::Decimal(*number as f64),
            Self::Boolean(truth) => Value::Boolean(*truth),
            Self::Integer(number) => Value::Integer(*number),
            Self::Decimal(number) => Value::Decimal(*number),
            Self::Text(words) => Value::Text(fill(words)),
        };
        NamedValue { name: name.to_owned(), value }
    }
}

/// A text for a field.
pub(crate) fn text(name: &str, text: &str) -> NamedValue {
    NamedValue { name: name.to_owned(), value: Value::Text(text.to_owned()) }
}

/// Replaces `{now}`, `{now-90s}` and `{now+90s}` by times: RFC 3339, in UTC, to the second.
pub(crate) fn timed(text: &str, now: Timestamp) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("{now") {
        let (before, found) = rest.split_at(at);
        filled.push_str(before);
        let end = found.find('}').map_or(found.len(), |end| end + 1);
        let seconds = found[..end].strip_prefix("{now").and_then(|shift| match shift.strip_suffix('}')? {
            "" => Some(0),
            shift => shift.strip_suffix('s')?.parse::<i64>().ok(),
        });
        match seconds.and_then(|seconds| now.checked_add(SignedDuration::from_secs(seconds)).ok()) {
            Some(time) => filled.push_str(&time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            None => filled.push_str(&found[..end]),
        }
        rest = &found[end..];
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_a_decimal_one_for_a_field_of_those() {
        let value = |kind| Plain::Integer(7).named("ratio", kind, str::to_owned).value;
        assert_eq!(value(Some(FieldKind::Decimal)), Value::Decimal(7.0));
        assert_eq!(value(Some(FieldKind::Integer)), Value::Integer(7));
    }

    #[test]
    fn now_is_filled_in_to_the_second_and_may_be_shifted() {
        let timed = |text| timed(text, "2026-01-05T10:00:00.7Z".parse().unwrap());
        assert_eq!(timed("a {now} b"), "a 2026-01-05T10:00:00Z b");
        assert_eq!(timed("{now-90s}{now+1s}"), "2026-01-05T09:58:30Z2026-01-05T10:00:01Z");
        assert_eq!(timed("{nowhere} {now-x} {now"), "{nowhere} {now-x} {now");
    }
}
