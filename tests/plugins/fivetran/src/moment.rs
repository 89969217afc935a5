//! A moment by Fivetran's clock.

use core::fmt;
use core::iter::repeat;

use plugin_guest::timestamp::Timestamp;

/// A moment to the microsecond, as Fivetran writes its times: two syncs can end within one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    second: Timestamp,
    micros: u32,
}

impl Moment {
    /// What an error says was expected.
    pub const EXPECTED: &str = "a time such as 2024-12-01T15:45:29.013729Z";

    /// Takes a date and time as RFC 3339 writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let second = Timestamp::parse(text)?;
        let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).chain(repeat(b'0')).take(6);
        Some(Self { second, micros: digits.fold(0, |micros, digit| micros * 10 + u32::from(digit - b'0')) })
    }

    /// The whole second that it is in.
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

#[cfg(test)]
mod tests {
    use super::*;
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
    fn what_is_no_moment_is_none() {
        for text in ["", "yesterday", "2024-12-01", "2024-12-01T15:45:29.Z.5"] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
