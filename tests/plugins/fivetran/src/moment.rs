//! Moments by Fivetran's clock.

use alloc::string::String;
use core::fmt;
use core::iter::repeat;

use plugin_guest::anyhow::anyhow;
use plugin_guest::json::{self, RawValue, lenient};
use plugin_guest::report::shorten;
use plugin_guest::timestamp::Timestamp;
use serde::{Deserialize, Deserializer};

/// A moment to the microsecond, as Fivetran writes its times: two syncs can end within one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    second: Timestamp,
    micros: u32,
}

impl Moment {
    /// The expected value, for errors.
    pub const EXPECTED: &str = "a time such as 2024-12-01T15:45:29.013729Z";

    /// Parses RFC 3339.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let second = Timestamp::parse(text)?;
        let fraction = text.split_once(['.', ',']).map_or("", |(_, fraction)| fraction);
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).chain(repeat(b'0')).take(6);
        Some(Self { second, micros: digits.fold(0, |micros, digit| micros * 10 + u32::from(digit - b'0')) })
    }

    /// Parses a field: text, or seconds or milliseconds since 1970.
    fn read(raw: &RawValue) -> Option<Self> {
        let second = lenient::time(raw)?;
        match lenient::integer(raw) {
            None => Self::parse(&lenient::text(raw)?),
            Some(number) if number == second.seconds() => Some(Self { second, micros: 0 }),
            Some(milliseconds) => {
                let milliseconds = u32::try_from(milliseconds.rem_euclid(1_000)).ok()?;
                Some(Self { second, micros: milliseconds * 1_000 })
            }
        }
    }

    /// The second that it is in.
    pub fn second(self) -> Timestamp {
        self.second
    }
}

impl fmt::Display for Moment {
    /// Writes RFC 3339, in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = alloc::format!("{}", self.second);
        let fraction = alloc::format!(".{:06}", self.micros);
        write!(f, "{}{}Z", second.trim_end_matches('Z'), fraction.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Self::read(raw).ok_or_else(|| lenient::not(Self::EXPECTED, raw))
    }
}

/// A moment that may be unreadable: none for null, an error with the value otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told(pub Result<Option<Moment>, String>);

impl Default for Told {
    fn default() -> Self {
        Self(Ok(None))
    }
}

impl Told {
    /// The moment, or an error on the field `name`.
    pub fn known(&self, name: &str) -> json::Result<Option<Moment>> {
        self.0.clone().map_err(|shown| anyhow!("{name}: not {}: {shown}", Moment::EXPECTED))
    }
}

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let told = Moment::read(raw).map(Some).ok_or_else(|| shorten(raw.get(), json::MOST_SHOWN));
        Ok(Self(if lenient::is_null(raw) { Ok(None) } else { told }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;
    use alloc::format;
    use alloc::string::ToString;

    #[test]
    fn a_moment_is_written_in_utc_and_read_again() {
        for (text, written) in [
            ("2024-12-01T15:45:29.013729Z", "2024-12-01T15:45:29.013729Z"),
            ("2024-12-01T15:45:29.0137294Z", "2024-12-01T15:45:29.013729Z"),
            ("2024-12-01T15:45:29.5+02:00", "2024-12-01T13:45:29.5Z"),
            ("2024-12-01T15:45:29Z", "2024-12-01T15:45:29Z"),
        ] {
            let moment = Moment::parse(text).expect(text);
            assert_eq!(moment.to_string(), written);
            assert!(Moment::parse(written).is_some_and(|read| read == moment));
        }
    }

    #[test]
    fn moments_within_a_second_are_told_apart() {
        let moment = |fraction| Moment::parse(&alloc::format!("2024-12-01T15:45:29{fraction}Z"));
        assert!(moment("") < moment(".000001") && moment(".000001") < moment(".1") && moment(".1") < moment(".11"));
    }

    #[test]
    fn a_field_holds_text_or_milliseconds_or_nothing() {
        let told = |field: &str| {
            let text = format!(r#"{{"at": {field}}}"#);
            let mut fields: BTreeMap<String, Told> = json::object(json::value(&text).expect("JSON")).expect(field);
            fields.remove("at").expect("a field")
        };
        let at = Moment::parse("2024-12-01T15:45:29.013Z");
        for json in [r#""2024-12-01T15:45:29.013Z""#, r#"" 2024-12-01T15:45:29.013000Z ""#, "1733067929013"] {
            assert_eq!(told(json), Told(Ok(at)), "{json}");
        }
        let second = Moment::parse("2024-12-01T15:45:29Z");
        for json in ["1733067929", "1733067929000", r#""1733067929.0""#, r#""2024-12-01 15:45:29,000 UTC""#] {
            assert_eq!(told(json), Told(Ok(second)), "{json}");
        }
        assert_eq!(told("null"), Told(Ok(None)));
        let problem = told(r#""today""#).known("failed_at").expect_err("no time").to_string();
        assert_eq!(problem, r#"failed_at: not a time such as 2024-12-01T15:45:29.013729Z: "today""#);
        for json in ["true", "{}", "1.5"] {
            assert!(told(json).0.is_err(), "{json}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in ["", "yesterday", "2024-12-01", "2024-12-01T15:45:29.Z.5"] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
