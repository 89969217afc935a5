//! What the guards cost an honest call.
//!
//! On: every default limit, and placeholders for secrets. Off: no limit of time, size or number, so no epoch checks in the compiled
//! code either, and secrets exposed. On and off: the sandbox, the stack, the policy of egress, what keeps count, the request log.

use fault_server::{Fault, Server};
use host_harness::{Arguments, Limits, Plugin};

use super::house;
use crate::table::Row;
use crate::times::Pair;

/// What is called and how often. The checks in compiled code, which end a plugin that spins, cost one that only computes more than
/// one that mostly asks.
const CASES: [(&str, &str, usize); 2] = [("asks", "honest", 4_000), ("computes", "honest_page", 2_000)];

/// The most that a call with all guards may take, in calls without.
const PROMISE: f64 = 1.1;

pub(crate) async fn rows() -> anyhow::Result<Vec<Row>> {
    let server = Server::plain(Fault::None).await?;
    let limits = Limits::default();
    // A larger stack costs time of its own, which is no guard's.
    let none = Limits { stack: limits.stack, ..Limits::none() };
    let (on, off) = (house::host(limits), house::host(none));
    let guarded = house::arguments(&server);
    let bare = house::arguments(&server).expose_secrets();
    let mut rows = Vec::new();
    for (name, guest, calls) in CASES {
        let (on, off) = (house::guest(&on, guest, &server), house::guest(&off, guest, &server));
        let pair = Pair::of(calls, async || trigger(&on, &guarded).await, async || trigger(&off, &bare).await).await?;
        let figure = format!("guards on ÷ off, a call that {name}");
        rows.push(Row::at_most(figure, PROMISE, pair.ratio(), pair.shown()));
    }
    Ok(rows)
}

async fn trigger(plugin: &Plugin, arguments: &Arguments) -> anyhow::Result<()> {
    Ok(plugin.trigger(arguments).await.outcome.map(drop)?)
}
