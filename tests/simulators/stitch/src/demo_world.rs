//! The world that the binary serves: one account with 250 sources, some of which misbehave in a way of their own.
//!
//! Times are simulated; at 60 simulated seconds per real second every run ends within two real seconds.

use std::time::Duration;

use jiff::Timestamp;

use crate::{Loading, Phase, Plan, Stream, World, load_error_state};

/// The id of the only account.
pub const CLIENT_ID: u64 = 116_078;

/// The account's only access token: made up, worth nothing anywhere else.
pub const ACCESS_TOKEN: &str = "not-a-real-token-demo-0123456789abcdef";

/// The number of the account's sources.
pub const SOURCES: usize = 250;

/// A source of the demo that behaves in a way of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoSource {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: &'static str,
    /// Its behaviour, for a table.
    pub what: &'static str,
}

const fn demo(id: u64, name: &'static str, what: &'static str) -> DemoSource {
    DemoSource { id, name, what }
}

/// Its jobs succeed.
pub const SUCCEEDS: DemoSource = demo(120_643, "hubspot", "succeeds after 90 s");
/// The tap of its jobs fails with a message of several lines.
pub const TAP_FAILS: DemoSource = demo(123_456, "recurly", "its tap fails after 40 s with exit status 1");
/// One of its jobs is always running; each ends well.
pub const ALREADY_RUNNING: DemoSource = demo(131_072, "heroku", "always has a job of Stitch's own schedule running");
/// Its jobs are terminated by Stitch.
pub const TERMINATED: DemoSource = demo(145_001, "salesforce", "is terminated by Stitch after 60 s");
/// Each of its jobs is superseded by a later one before any poll can see its row.
pub const SUPERSEDED: DemoSource = demo(150_120, "stripe", "a later job supersedes the row after 40 s");
/// It has streams, all of which are loaded.
pub const LOADS: DemoSource = demo(163_900, "shopify", "succeeds after 60 s; its streams are loaded 20 to 40 s later");
/// It has a stream that fails to load.
pub const LOAD_FAILS: DemoSource = demo(164_512, "zendesk", "succeeds after 60 s; one of its streams fails to load");
/// It was deleted.
pub const DELETED: DemoSource = demo(171_717, "mysql", "is deleted");
/// It was paused by Stitch. Its jobs succeed when the API starts them.
pub const SYSTEM_PAUSED: DemoSource = demo(180_004, "postgres", "is paused by Stitch; succeeds after 60 s");
/// Its set-up was left half-way.
pub const NOT_CONFIGURED: DemoSource = demo(190_008, "marketo", "is not fully configured");
/// Its jobs succeed, and its row is on the third page of the list.
pub const ON_PAGE_3: DemoSource = demo(241_337, "adwords", "succeeds after 60 s; its row is on page 3 of the list");

/// Every source with a behaviour of its own, by id.
pub const SPECIAL_SOURCES: [DemoSource; 11] = [
    SUCCEEDS,
    TAP_FAILS,
    ALREADY_RUNNING,
    TERMINATED,
    SUPERSEDED,
    LOADS,
    LOAD_FAILS,
    DELETED,
    SYSTEM_PAUSED,
    NOT_CONFIGURED,
    ON_PAGE_3,
];

/// A tap's message as Singer taps log it.
const TAP_MESSAGE: &str = "CRITICAL 401 Client Error: Unauthorized for url: https://example.recurly.invalid/accounts\n\
    Traceback (most recent call last):\n  File \"tap_recurly/__init__.py\", line 142, in main\n    \
    raise RecurlyAuthError(\"The API key was revoked\")\n\
    tap_recurly.RecurlyAuthError: The API key was revoked";

/// The demo world as it is at `now`.
pub fn demo_world(now: Timestamp) -> World {
    let mut world = World::at(now);
    let account = world.account(CLIENT_ID, ACCESS_TOKEN);
    let ordinary = SOURCES - SPECIAL_SOURCES.len();
    // Unevenly spread, like ids assigned over years.
    account.with_sources((0..ordinary as u64).map(|n| 100_000 + 613 * n + n * n % 401));
    let ran_before = SPECIAL_SOURCES.iter().filter(|source| **source != NOT_CONFIGURED);
    account.with_sources(ran_before.map(|source| source.id));
    for source in SPECIAL_SOURCES {
        account.source(source.id).named(source.name, source.name);
    }

    account.source(SUCCEEDS.id).plan(lasting(Plan::succeeds(), 20, 50, 20));
    account.source(TAP_FAILS.id).plan(Plan::fails(Phase::Tap, 1, TAP_MESSAGE));
    // Back to back, each long enough for its row to be seen on a machine that stalls for a second.
    let long = lasting(Plan::succeeds(), 30, 120, 30);
    account.source(ALREADY_RUNNING.id).job_every(Duration::from_mins(3), long);
    account.source(TERMINATED.id).plan(lasting(Plan::terminated(), 10, 50, 0));
    let too_quick_to_see = lasting(Plan::succeeds(), 0, 0, 0);
    let superseded = lasting(Plan::succeeds(), 10, 20, 10).followed_by(Duration::ZERO, too_quick_to_see);
    account.source(SUPERSEDED.id).plan(superseded);
    let after = |seconds| Loading::After(Duration::from_secs(seconds));
    let loads = account.source(LOADS.id);
    loads.stream(Stream::new("customers").loading(after(20)));
    loads.stream(Stream::new("orders").loading(after(40)));
    loads.stream(Stream::new("abandoned_checkouts").selected(Some(false)));
    loads.stream(Stream::new("metafields").selected(None));
    let state = load_error_state("[Simba][SparkJDBCDriver](500151) Error setting/closing session: Open Session Error.");
    let load_fails = account.source(LOAD_FAILS.id);
    load_fails.stream(Stream::new("tickets").loading(after(20)));
    load_fails.stream(Stream::new("users").loading(Loading::FailsAfter(Duration::from_secs(20), state)));
    account.source(DELETED.id).deleted();
    account.source(SYSTEM_PAUSED.id).system_paused();
    account.source(NOT_CONFIGURED.id).not_fully_configured();
    world
}

fn lasting(plan: Plan, discovery: u64, tap: u64, target: u64) -> Plan {
    let [discovery, tap, target] = [discovery, tap, target].map(Duration::from_secs);
    plan.lasting(discovery, tap, target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_s_table_agrees() {
        let readme = include_str!("../README.md");
        for DemoSource { id, name, what } in SPECIAL_SOURCES {
            assert!(readme.contains(&format!("\n| {id} | {name} | {what} |\n")), "{id}");
        }
        assert!(readme.contains(ACCESS_TOKEN));
    }
}
