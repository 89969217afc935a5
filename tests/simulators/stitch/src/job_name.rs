use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{ClientId, SourceId};

/// The name of a replication job: `{stitch_client_id}.{source_id}.sync.{uuid}`.
///
/// The UUID is version 1 (RFC 9562, section 5.1) and holds the job's start, as in every name that Stitch documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobName {
    client_id: ClientId,
    source_id: SourceId,
    uuid: Uuid,
}

impl JobName {
    /// Names the job of a source that starts at `start`; `sequence` tells apart two that start at the same time.
    pub(crate) fn new(client_id: ClientId, source_id: SourceId, start: Timestamp, sequence: u16) -> Self {
        let seconds = u64::try_from(start.as_second()).unwrap_or_default();
        let nanoseconds = u32::try_from(start.subsec_nanosecond()).unwrap_or_default();
        let time = uuid::Timestamp::from_unix_time(seconds, nanoseconds, sequence.into(), 14);
        // A node that is made up has the multicast bit set (RFC 9562, section 6.10).
        let [_, _, node @ ..] = ((source_id.0 & 0xff_ffff_ffff) | 0x0100_0000_0000).to_be_bytes();
        Self { client_id, source_id, uuid: Uuid::new_v1(time, &node) }
    }

    /// The UUID that ends the name.
    pub fn uuid(&self) -> Uuid {
        self.uuid
    }
}

impl fmt::Display for JobName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client_id, source_id, uuid } = self;
        write!(formatter, "{client_id}.{source_id}.sync.{uuid}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(start: &str, sequence: u16) -> JobName {
        JobName::new(ClientId(116_078), SourceId(120_643), start.parse().unwrap(), sequence)
    }

    #[test]
    fn a_name_reads_as_stitch_writes_it() {
        let name = name("2020-06-19T15:09:38Z", 3).to_string();
        assert_eq!(name, "116078.120643.sync.e4872500-b23e-11ea-8003-01000001d743");
    }

    #[test]
    fn its_uuid_is_version_1_and_holds_the_start() {
        let uuid = name("2020-06-19T15:09:38.25Z", 0).uuid();
        assert_eq!(uuid.get_version_num(), 1);
        assert_eq!(uuid.get_timestamp().unwrap().to_unix(), (1_592_579_378, 250_000_000));
    }

    #[test]
    fn two_jobs_of_one_instant_have_two_names() {
        assert_ne!(name("2020-06-19T15:09:38Z", 1), name("2020-06-19T15:09:38Z", 2));
    }
}
