//! A moment by a tool's clock.

use alloc::format;
use core::fmt;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Whole seconds since 1970 in UTC. The `Date` of an answer has no finer unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Before every run.
    pub const EPOCH: Self = Self(0);

    /// The moment so many seconds after 1970, or before it; the nearest in the years 0 to 9999 where it is not in them, since
    /// RFC 3339 can write no other.
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.clamp(-62_167_219_200, 253_402_300_799))
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// Takes a date and time as RFC 3339 writes it, such as `2020-06-19T15:09:38Z`.
    pub fn parse(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339).ok().map(|time| Self::from_seconds(time.unix_timestamp()))
    }

    /// Takes a date and time as HTTP headers write it (RFC 9110, section 5.6.7, the preferred form), such as
    /// `Fri, 19 Jun 2020 15:09:38 GMT`.
    pub fn parse_http_date(text: &str) -> Option<Self> {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let mut words = text.split(' ').skip(1);
        let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let month = MONTHS.iter().position(|name| *name == month)? + 1;
        // The same moment, as RFC 3339 writes it.
        Self::parse(&format!("{year}-{month:02}-{day}T{time}Z")).filter(|_| words.eq(["GMT"]))
    }
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
        assert_eq!(moment.to_string(), "2020-06-19T15:09:38Z");
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
        for text in
            ["", "yesterday", "2020-06-19", "2020-13-19T15:09:38Z", "Fri, 19 Jun 2020 15:09:38 CET", "Fri, 19 Jun 2020"]
        {
            assert_eq!((Timestamp::parse(text), Timestamp::parse_http_date(text)), (None, None), "{text}");
        }
    }
}
