//! A moment by Fivetran's clock.

use core::fmt;

use plugin_guest::timestamp::Timestamp;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// A moment to the microsecond, as Fivetran writes its times: two syncs can end within one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(OffsetDateTime);

impl Moment {
    /// What an error says was expected.
    pub const EXPECTED: &str = "a time such as 2024-12-01T15:45:29.013729Z";

    /// Takes a date and time as RFC 3339 writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let utc = OffsetDateTime::parse(text, &Rfc3339).ok()?.checked_to_offset(UtcOffset::UTC)?;
        (0..=9999).contains(&utc.year()).then_some(Self(utc))
    }

    /// The whole second that it is in.
    pub fn second(self) -> Timestamp {
        Timestamp::from_seconds(self.0.unix_timestamp())
    }
}

impl fmt::Display for Moment {
    /// Writes RFC 3339, in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, (hour, minute, second, micro)) = (self.0.date(), self.0.to_hms_micro());
        write!(f, "{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())?;
        let fraction = alloc::format!("{micro:06}");
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "T{hour:02}:{minute:02}:{second:02}{point}{fraction}Z")
    }
}

/// What is told apart survives being written and read.
#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_moment_is_written_in_utc_and_read_again() {
        for (text, written) in [
            ("2024-12-01T15:45:29.013729Z", "2024-12-01T15:45:29.013729Z"),
            ("2024-12-01T15:45:29.5+02:00", "2024-12-01T13:45:29.5Z"),
            ("2024-12-01T15:45:29Z", "2024-12-01T15:45:29Z"),
        ] {
            let moment = Moment::parse(text).expect(text);
            assert_eq!(moment.to_string(), written);
            assert!(Moment::parse(written).is_some_and(|read| read == moment));
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in ["", "yesterday", "2024-12-01", "9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00"] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
