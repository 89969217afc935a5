//! What many calls leave behind.

use std::time::Duration;

use fault_server::{Fault, Server};
use host_harness::{Arguments, Limits, Plugin};
use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::house;

/// All calls together; every second one is honest.
pub(crate) const CALLS: usize = 10_000;

/// Calls until pools and allocators have what they keep.
const WARM_UP: usize = 2_000;

/// How much more memory may be resident at the end than after the warm-up, in KiB: the noise of an allocator.
const GROWTH: usize = 4 << 10;

/// Guests that are quickly over, so that there can be many calls of them.
const HOSTILE: [&str; 12] = [
    "allocates_without_end",
    "asks_for_33000_headers",
    "exits",
    "floods_stderr",
    "hoards_handles",
    "opens_requests_without_reading",
    "panics",
    "puts_its_secret_into_the_body",
    "puts_its_secret_into_the_path",
    "sends_a_huge_body",
    "spins",
    "traps",
];

/// What a process holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    resident_kib: usize,
    files: usize,
    tasks: usize,
    connections: usize,
}

/// Prints what was held after the warm-up and at the end. Whether nothing grew and every honest call was right.
pub(crate) async fn measure() -> bool {
    let server = Server::plain(Fault::None).await.unwrap();
    let limits = Limits { cpu: Duration::from_millis(20), ..Limits::default() };
    let host = house::host(limits);
    let honest = house::guest(&host, "honest", &server);
    let hostile: Vec<_> = HOSTILE.iter().map(|name| house::guest(&host, name, &server)).collect();
    let arguments = house::arguments(&server);
    let mut wrong = calls(0..WARM_UP, &honest, &hostile, &arguments).await;
    let before = held(&server).await;
    wrong += calls(WARM_UP..CALLS, &honest, &hostile, &arguments).await;
    let after = held(&server).await;
    println!("  after {WARM_UP}: {before:?}\n  after {CALLS}: {after:?}\n  honest calls that went wrong: {wrong}");
    wrong == 0
        && after.resident_kib <= before.resident_kib + GROWTH
        && after.files <= before.files
        && after.tasks <= before.tasks
        && after.connections <= before.connections
}

/// Makes these calls and counts the honest ones that went wrong.
async fn calls(range: std::ops::Range<usize>, honest: &Plugin, hostile: &[Plugin], arguments: &Arguments) -> usize {
    let mut wrong = 0;
    for number in range {
        if number % 2 == 0 {
            wrong += usize::from(honest.trigger(arguments).await.outcome.is_err());
        } else {
            _ = hostile[number / 2 % hostile.len()].trigger(arguments).await;
        }
    }
    wrong
}

/// What this process holds once what is ending has ended.
async fn held(server: &Server) -> Held {
    sleep(Duration::from_millis(500)).await;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let digits = resident.and_then(|text| text.split_whitespace().next());
    Held {
        resident_kib: digits.and_then(|digits| digits.parse().ok()).unwrap_or_default(),
        files: std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count),
        tasks: Handle::current().metrics().num_alive_tasks(),
        connections: server.counts().open,
    }
}
