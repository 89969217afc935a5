//! Timestamps by a tool's clock.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use time::{Date, Month, OffsetDateTime};

/// A Unix timestamp in whole seconds: the `Date` of an answer is not more precise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z, which is before every run.
    pub const EPOCH: Self = Self(0);

    /// The timestamp so many seconds after 1970, or before it, clamped to the years 0 to 9999: RFC 3339 cannot write others.
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.clamp(-62_167_219_200, 253_402_300_799))
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// Parses RFC 3339, such as `2020-06-19T15:09:38Z`, and the variants of it that tools write: a blank for the `T` or before the
    /// offset, a comma for the decimal point, `UTC` or `GMT` for `Z`, an offset such as `+0200` or `+02`, or none, which means UTC,
    /// and no seconds where they are zero, as Java's `OffsetDateTime` writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked("2020-06-19".len())?;
        let rest = rest.strip_prefix(['T', 't', ' '])?;
        let clock_ends = rest.find(|character: char| !character.is_ascii_digit() && !":.,".contains(character));
        let (clock, offset) = rest.split_at(clock_ends.unwrap_or(rest.len()));
        let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, "0"));
        if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self::from_seconds(day(date)? + second_of_day(clock)? - offset_seconds(offset.trim_start())?))
    }

    /// Parses the date of an HTTP header in all three forms of RFC 9110, section 5.6.7: the preferred one, such as
    /// `Fri, 19 Jun 2020 15:09:38 GMT`, that of RFC 850, `Friday, 19-Jun-20 15:09:38 GMT`, and that of C's `asctime`,
    /// `Fri Jun 19 15:09:38 2020`. A year of two digits is one from 1970 to 2069.
    pub fn parse_http_date(text: &str) -> Option<Self> {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let words: Vec<&str> = text.split([' ', '-']).filter(|word| !word.is_empty()).collect();
        let (day, month, year, time) = match words[..] {
            [_, day, month, year, time, zone] if zone.eq_ignore_ascii_case("GMT") => (day, month, year, time),
            [_, month, day, time, year] => (day, month, year, time),
            _ => return None,
        };
        let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))? + 1;
        let year = match year.len() {
            2 if digits(year, 2)? < 70 => format!("20{year}"),
            2 => format!("19{year}"),
            _ => year.to_owned(),
        };
        // The same time in RFC 3339.
        Self::parse(&format!("{year}-{month:02}-{day:0>2}T{time}Z"))
    }
}

/// The timestamp of midnight of a day such as `2020-06-19`.
fn day(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    Some(date.midnight().assume_utc().unix_timestamp())
}

/// The second of the day of a time such as `15:09:38` or `15:09`. A leap second counts as the second after it.
fn second_of_day(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':').map(|part| digits(part, 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
}

/// The offset from UTC in seconds: of a name of UTC, of none, or of hours and minutes with their sign.
fn offset_seconds(text: &str) -> Option<i64> {
    let (sign, time) = match text.split_at_checked(1) {
        Some(("+", time)) => (1, time),
        Some(("-", time)) => (-1, time),
        _ => return ["", "Z", "UTC", "GMT"].iter().any(|utc| utc.eq_ignore_ascii_case(text)).then_some(0),
    };
    let (hours, minutes) = match time.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if time.len() == 4 => time.split_at_checked(2)?,
        None => (time, "00"),
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// The number of exactly `width` digits.
fn digits(text: &str, width: usize) -> Option<i64> {
    let are_digits = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| are_digits)
}

impl fmt::Display for Timestamp {
    /// Writes RFC 3339, in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = OffsetDateTime::from_unix_timestamp(self.0).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (year, month, day) = time.to_calendar_date();
        let (hour, minute, second) = time.to_hms();
        write!(f, "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", u8::from(month))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn both_forms_name_the_same_moment() {
        let moment = Timestamp::parse("2020-06-19T15:09:38Z").expect("RFC 3339");
        assert_eq!(Timestamp::parse_http_date("Fri, 19 Jun 2020 15:09:38 GMT"), Some(moment));
        assert_eq!(Timestamp::parse("2020-06-19T17:09:38.5+02:00"), Some(moment));
        assert_eq!(Timestamp::parse("2020-06-19T15:09:38.12345678901234567890Z"), Some(moment));
        assert_eq!(moment.to_string(), "2020-06-19T15:09:38Z");
    }

    #[test]
    fn all_three_forms_of_http_are_read() {
        for (text, written) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z"),
            ("Friday, 19-Jun-20 15:09:38 GMT", "2020-06-19T15:09:38Z"),
            ("Tuesday, 31-Dec-69 23:59:59 GMT", "2069-12-31T23:59:59Z"),
            ("Thursday, 01-Jan-70 00:00:00 GMT", "1970-01-01T00:00:00Z"),
            ("fri, 19 jun 2020 15:09:38 gmt", "2020-06-19T15:09:38Z"),
        ] {
            assert_eq!(Timestamp::parse_http_date(text).map(|moment| moment.to_string()).as_deref(), Some(written));
        }
        for text in [
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun Nov 6 1994",
            "Sunday, 06-Nov-1x 08:49:37 GMT",
            "Sun, 31 Feb 2021 08:49:37 GMT",
        ] {
            assert_eq!(Timestamp::parse_http_date(text), None, "{text}");
        }
    }

    #[test]
    fn every_form_of_rfc_3339_is_read_and_its_kin_that_tools_write() {
        for (text, written) in [
            ("2026-01-05T10:00Z", "2026-01-05T10:00:00Z"),
            ("2026-01-05T12:30+02:00", "2026-01-05T10:30:00Z"),
            ("2026-01-05 10:00:01.25z", "2026-01-05T10:00:01Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
            ("2024-02-29T00:00:00-11:30", "2024-02-29T11:30:00Z"),
            ("2026-01-05T10:00:00+0000", "2026-01-05T10:00:00Z"),
            ("2026-01-05T10:00:00-0130", "2026-01-05T11:30:00Z"),
            ("2026-01-05T10:00:00+02", "2026-01-05T08:00:00Z"),
            ("2026-01-05T10:00:00,123456Z", "2026-01-05T10:00:00Z"),
            ("2026-01-05T10:00:00.123", "2026-01-05T10:00:00Z"),
            ("2026-01-05T10:00:00", "2026-01-05T10:00:00Z"),
            ("2026-01-05 10:00:00 UTC", "2026-01-05T10:00:00Z"),
            ("2026-01-05 10:00:00 +0100", "2026-01-05T09:00:00Z"),
            ("2026-01-05t10:00:00gmt", "2026-01-05T10:00:00Z"),
            ("2026-01-05T10:00", "2026-01-05T10:00:00Z"),
        ] {
            assert_eq!(Timestamp::parse(text).map(|moment| moment.to_string()).as_deref(), Some(written));
        }
    }

    #[test]
    fn what_rfc_3339_cannot_write_is_the_nearest_moment_that_it_can() {
        for (text, written) in [
            ("0000-01-01T00:00:00+00:01", "0000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59-00:01", "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(Timestamp::parse(text).map(|moment| moment.to_string()).as_deref(), Some(written));
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "yesterday",
            "2020-06-19",
            "2020-06-19T15:0\u{e9}",
            "2020-13-19T15:09:38Z",
            "2020-02-30T15:09:38Z",
            "20-006-019T15:09:38Z",
            "2020-06-19T15:09:38ZZ",
            "2020-06-19T15:09:38 EST",
            "2020-06-19T15:09:38+",
            "2020-06-19T15:09:38+24",
            "2020-06-19T15:09:38+02:60",
            "2020-06-19T15:09:38+020",
            "2020-06-19T15:09:38.1.2Z",
            "2020-06-19T24:09:38Z",
            "2020-06-19T15:60:38Z",
            "2020-06-19T15:09:61Z",
            "2020-06-19T15Z",
            "2020-06-19T15:09:38.Z",
            "2020-06-19T15:09:38+2:00",
            "2020-06-19T+5:09:38Z",
            "\u{e9}020-06-19T15:09:38Z",
            "Fri, 19 Jun 2020 15:09:38 CET",
            "Fri, 19 Jun 2020",
        ] {
            assert_eq!((Timestamp::parse(text), Timestamp::parse_http_date(text)), (None, None), "{text}");
        }
    }
}
