//! Lenient parsing of JSON values: numbers in strings, any JSON where text is documented, times in every form that tools send.
//!
//! Tools send other types than they document. The functions that end in `_field` are for `#[serde(deserialize_with = "…")]`.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::value::RawValue;

use super::MOST_SHOWN;
use crate::report::shorten;
use crate::timestamp::Timestamp;

/// Whether the value is null, which counts as absent.
pub fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

/// Text: the content of a string, or any other value as JSON. None for null.
pub fn text(raw: &RawValue) -> Option<String> {
    match raw.get() {
        "null" => None,
        json => Some(serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())),
    }
}

/// The digits of a number, which may be in a string.
fn written(raw: &RawValue) -> Option<Cow<'_, str>> {
    match raw.get() {
        json if json.starts_with('"') => Some(Cow::Owned(text(raw)?.trim().to_owned())),
        json => Some(Cow::Borrowed(json)),
    }
}

/// A number, which may be in a string. `inf` and words are not numbers in JSON.
fn number(raw: &RawValue) -> Option<f64> {
    serde_json::from_str(&written(raw)?).ok()
}

/// A whole number: as such, in a string, or with a fraction of 0.
pub fn integer(raw: &RawValue) -> Option<i64> {
    if let Ok(integer) = written(raw)?.parse() {
        return Some(integer);
    }
    let number = number(raw)?;
    let integer = floor(number);
    #[expect(clippy::float_cmp, clippy::cast_precision_loss, reason = "a fraction of 0 exactly")]
    (integer as f64 == number).then_some(integer)
}

#[expect(clippy::cast_possible_truncation, reason = "as close as a whole number comes")]
fn floor(number: f64) -> i64 {
    number as i64
}

/// An id: a whole number of at least 0, in any of the forms of [`integer`].
pub fn id(raw: &RawValue) -> Option<u64> {
    match raw.get().trim_matches('"').parse() {
        Ok(id) => Some(id),
        Err(_) => integer(raw)?.try_into().ok(),
    }
}

/// Whether the value is true: as such, in a string, or as 1.
pub fn is_true(raw: &RawValue) -> bool {
    matches!(raw.get(), "true" | "1" | "1.0" | "\"true\"" | "\"True\"" | "\"1\"")
}

/// A time: a string in any of the forms of [`Timestamp::parse`], or seconds or milliseconds since 1970, with or without a
/// fraction.
pub fn time(raw: &RawValue) -> Option<Timestamp> {
    /// A larger number is one of milliseconds: in seconds this is the year 5138.
    const MOST_SECONDS: i64 = 100_000_000_000;
    match number(raw).map(floor) {
        Some(number @ ..=MOST_SECONDS) => Some(Timestamp::from_seconds(number)),
        Some(milliseconds) => Some(Timestamp::from_seconds(milliseconds / 1000)),
        None => Timestamp::parse(text(raw)?.trim()),
    }
}

/// The error of a value that is not of `kind`, such as `a whole number`. It shows the beginning of the value.
pub fn not<E: Error>(kind: &str, raw: &RawValue) -> E {
    E::custom(format_args!("not {kind}: {}", shorten(raw.get(), MOST_SHOWN)))
}

/// An optional text field, by [`text`].
pub fn text_field<'de, D: Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    Ok(text(<&RawValue>::deserialize(field)?))
}

/// A required text field, by [`text`].
pub fn required_text_field<'de, D: Deserializer<'de>>(field: D) -> Result<String, D::Error> {
    let raw = <&RawValue>::deserialize(field)?;
    text(raw).ok_or_else(|| not("text", raw))
}

/// A required id field, by [`id`].
pub fn id_field<'de, D: Deserializer<'de>>(field: D) -> Result<u64, D::Error> {
    let raw = <&RawValue>::deserialize(field)?;
    id(raw).ok_or_else(|| not("an id", raw))
}

/// An optional whole number field, by [`integer`].
pub fn integer_field<'de, D: Deserializer<'de>>(field: D) -> Result<Option<i64>, D::Error> {
    let raw = <&RawValue>::deserialize(field)?;
    match integer(raw) {
        None if is_null(raw) => Ok(None),
        None => Err(not("a whole number", raw)),
        integer => Ok(integer),
    }
}

/// An optional time field, by [`time()`]. A time that cannot be parsed is an error: for a time that a verdict depends on.
pub fn time_field<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Timestamp>, D::Error> {
    let raw = <&RawValue>::deserialize(field)?;
    match time(raw) {
        None if is_null(raw) => Ok(None),
        None => Err(not("a time such as 2020-06-19T15:09:38Z", raw)),
        time => Ok(time),
    }
}

/// An optional time field, by [`time()`]. A time that cannot be parsed counts as absent: for one that is only shown.
pub fn time_or_none_field<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(time(<&RawValue>::deserialize(field)?))
}

/// An optional field for a count or a duration, by [`id`]. One that cannot be parsed counts as absent: it is only shown.
pub fn count_or_none_field<'de, D: Deserializer<'de>>(field: D) -> Result<Option<u64>, D::Error> {
    Ok(id(<&RawValue>::deserialize(field)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn of<T>(read: impl Fn(&RawValue) -> T, json: &str) -> T {
        read(serde_json::from_str(json).expect("JSON"))
    }

    #[test]
    fn an_integer_is_read_in_every_form_that_means_one() {
        for (json, expected) in [
            ("0", Some(0)),
            ("-1", Some(-1)),
            ("1.0", Some(1)),
            ("1e2", Some(100)),
            (r#""1""#, Some(1)),
            (r#"" 137 ""#, Some(137)),
            (r#""1.0""#, Some(1)),
            ("0.5", None),
            (r#""""#, None),
            (r#""inf""#, None),
            ("1e300", None),
            ("true", None),
            ("null", None),
            ("[1]", None),
        ] {
            assert_eq!(of(integer, json), expected, "{json}");
        }
        for (json, expected) in [
            ("7", Some(7)),
            (r#""7""#, Some(7)),
            ("7.0", Some(7)),
            ("18446744073709551615", Some(u64::MAX)),
            ("-7", None),
        ] {
            assert_eq!(of(id, json), expected, "{json}");
        }
    }

    #[test]
    fn whatever_stands_where_text_is_documented_is_text() {
        for (json, expected) in
            [(r#""a\nb""#, Some("a\nb")), (r#"{"a": [1]}"#, Some(r#"{"a": [1]}"#)), ("7", Some("7")), ("null", None)]
        {
            assert_eq!(of(text, json).as_deref(), expected);
        }
    }

    #[test]
    fn a_time_may_be_seconds_or_milliseconds_too() {
        let moment = Timestamp::parse("2020-06-19T15:09:38Z");
        for json in [
            r#""2020-06-19T15:09:38Z""#,
            "1592579378",
            "1592579378000",
            r#""1592579378""#,
            "1592579378.0",
            "1592579378.5",
            r#""1592579378.999""#,
        ] {
            assert_eq!(of(time, json), moment, "{json}");
        }
        for json in [r#""noon""#, "null", "{}", "true"] {
            assert_eq!(of(time, json), None, "{json}");
        }
    }

    #[test]
    fn a_field_is_what_it_can_mean_and_else_absent_or_refused_by_its_kind() {
        fn told<T>(field: serde_json::Result<T>) -> Result<T, String> {
            field.map_err(|problem| problem.to_string())
        }
        let json = serde_json::Deserializer::from_str;
        let refused = |problem: &str| problem.to_owned();
        let moment = Timestamp::from_seconds(1_592_579_378);

        assert_eq!(told(text_field(&mut json("7"))), Ok(Some("7".to_owned())));
        assert_eq!(told(text_field(&mut json("null"))), Ok(None));
        assert_eq!(told(required_text_field(&mut json("7"))), Ok("7".to_owned()));
        assert_eq!(told(required_text_field(&mut json("null"))), Err(refused("not text: null")));
        assert_eq!(told(id_field(&mut json(r#""7""#))), Ok(7));
        assert_eq!(told(id_field(&mut json("-7"))), Err(refused("not an id: -7")));
        assert_eq!(told(integer_field(&mut json(r#""-7""#))), Ok(Some(-7)));
        assert_eq!(told(integer_field(&mut json("null"))), Ok(None));
        assert_eq!(told(integer_field(&mut json("0.5"))), Err(refused("not a whole number: 0.5")));
        assert_eq!(told(time_field(&mut json("1592579378"))), Ok(Some(moment)));
        assert_eq!(told(time_field(&mut json("null"))), Ok(None));
        assert_eq!(told(time_field(&mut json("{}"))), Err(refused("not a time such as 2020-06-19T15:09:38Z: {}")));
        assert_eq!(told(time_or_none_field(&mut json("1592579378"))), Ok(Some(moment)));
        assert_eq!(told(time_or_none_field(&mut json("{}"))), Ok(None));
        assert_eq!(told(count_or_none_field(&mut json("7"))), Ok(Some(7)));
        assert_eq!(told(count_or_none_field(&mut json("{}"))), Ok(None));
    }

    #[test]
    fn true_may_be_a_text_or_1() {
        for json in ["true", r#""true""#, "1"] {
            assert!(of(is_true, json), "{json}");
        }
        for json in ["false", "null", "0", r#""false""#, r#""yes""#, "{}"] {
            assert!(!of(is_true, json), "{json}");
        }
    }
}
