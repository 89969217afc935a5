//! What a process holds.

use std::{fs, io};

use tokio::runtime::Handle;

/// What this process holds now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    resident_kib: usize,
    files: usize,
    tasks: usize,
    connections: usize,
}

/// How much more memory may be resident later, in KiB: the noise of an allocator, and the records that the servers keep.
const GROWTH: usize = 4 << 10;

impl Held {
    /// Reads it, where there is a `/proc` to tell. The connections are those that its servers know of.
    pub(crate) fn now(connections: usize) -> io::Result<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let digits = resident.and_then(|text| text.split_whitespace().next());
        let resident_kib = digits.and_then(|digits| digits.parse().ok());
        Ok(Self {
            resident_kib: resident_kib.ok_or_else(|| io::Error::other("/proc/self/status has no VmRSS"))?,
            files: fs::read_dir("/proc/self/fd")?.count(),
            tasks: Handle::current().metrics().num_alive_tasks(),
            connections,
        })
    }

    /// Whether nothing has grown since. Of connections that are kept for later there may be some more, each with a file
    /// and a task at either end.
    pub(crate) fn has_not_grown_since(&self, before: &Self, kept: usize) -> bool {
        self.resident_kib <= before.resident_kib + GROWTH
            && self.files <= before.files + 2 * kept
            && self.tasks <= before.tasks + 2 * kept
            && self.connections <= before.connections + kept
    }
}
