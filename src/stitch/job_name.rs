//! Job names.

use alloc::string::String;
use core::fmt;

use serde::de::{Deserialize, Deserializer};
use uuid::Uuid;

use super::id::ClientId;
use plugin_guest::json::{RawValue, lenient};
use plugin_guest::timestamp::Timestamp;

/// The name of a replication job, by Stitch's documentation `{stitch_client_id}.{source_id}.sync.{uuid}`. Other words
/// are accepted too, but tell less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobName(String);

/// When a job began, to the precision of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Began {
    /// The second, by Stitch's clock: the job's `start_time`.
    pub second: Timestamp,
    /// Nanoseconds after that second.
    pub nanos: u32,
}

impl JobName {
    /// The longest name, in bytes, so that a run stays small. The documented names have some 60.
    pub const MOST_BYTES: usize = 200;

    /// Accepts one word of ASCII that is not too long: others do not fit into a line, a URL and a run.
    pub fn new(text: String) -> Option<Self> {
        let is_word = text.bytes().all(|byte| byte.is_ascii_graphic());
        (is_word && (1..=Self::MOST_BYTES).contains(&text.len())).then_some(Self(text))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The account that the job belongs to.
    pub fn client_id(&self) -> Option<ClientId> {
        self.0.split('.').next()?.parse().ok().and_then(ClientId::new)
    }

    /// When the job began, by its UUID if that is of version 1 (RFC 9562, section 5.1). Documented names have one,
    /// without a promise.
    pub fn began(&self) -> Option<Began> {
        let uuid = Uuid::try_parse(self.0.rsplit('.').next()?).ok()?;
        if uuid.get_version_num() != 1 {
            return None;
        }
        let (seconds, nanos) = uuid.get_timestamp()?.to_unix();
        Some(Began { second: Timestamp::from_seconds(i64::try_from(seconds).ok()?), nanos })
    }
}

impl<'de> Deserialize<'de> for JobName {
    fn deserialize<D: Deserializer<'de>>(field: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(field)?;
        let text = raw.get().starts_with('"').then(|| lenient::text(raw)).flatten();
        text.and_then(Self::new).ok_or_else(|| lenient::not("the name of a job", raw))
    }
}

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;

    fn job(text: &str) -> JobName {
        JobName::new(text.to_owned()).expect("a name")
    }

    #[test]
    fn a_documented_name_tells_its_account_and_its_start() {
        let job = job("116078.233312.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d");
        assert_eq!(job.client_id(), ClientId::new(116_078));
        assert_eq!(job.began().map(|began| began.second), Timestamp::parse("2020-06-19T15:09:38Z"));
    }

    #[test]
    fn a_name_of_another_form_tells_less_and_is_a_name_all_the_same() {
        for text in ["nightly", "x.y.sync.z", "0.1.sync.", "a.b.c.f47ac10b-58cc-4372-a567-0e02b2c3d479"] {
            assert_eq!((job(text).client_id(), job(text).began()), (None, None), "{text}");
        }
    }

    #[test]
    fn an_empty_or_endless_name_and_one_that_is_no_word_are_none() {
        for text in ["", &"x".repeat(201), "a b", "a\nb", "\u{1b}[2J", "\u{e9}"] {
            assert_eq!(JobName::new(text.to_owned()), None, "{text:?}");
        }
    }
}
