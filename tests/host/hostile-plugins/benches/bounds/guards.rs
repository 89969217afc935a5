//! What the guards cost an honest call.

use std::time::{Duration, Instant};

use fault_server::{Fault, Server};
use host_harness::{Arguments, Limits, Plugin};

use crate::house;

/// What is called, how often of either sort, and the most that a call with all guards may take, in calls without. The
/// checks in compiled code, which end a plugin that spins, cost one that only computes more than one that mostly asks.
const CASES: [(&str, &str, usize, f64); 2] = [("asks", "honest", 2_000, 1.1), ("computes", "honest_page", 1_000, 1.2)];

/// Prints, for each case, both medians and their ratio. Whether all keep the promise. Calls are made in turns, so that what
/// else the machine does falls on both sorts alike.
pub(crate) async fn measure() -> bool {
    println!("  on: every default limit, and placeholders for secrets");
    println!(
        "  off: no limit of time, size or number, so no epoch checks in the compiled code either; secrets exposed"
    );
    println!("  on and off: the sandbox, the stack, the policy of egress, what keeps count, the request log");
    let server = Server::plain(Fault::None).await.unwrap();
    let limits = Limits::default();
    // A larger stack costs time of its own, which is no guard's.
    let none = Limits { stack: limits.stack, ..Limits::none() };
    let (on, off) = (house::host(limits), house::host(none));
    let guarded = house::arguments(&server);
    let bare = house::arguments(&server).expose_secrets();
    let mut kept = true;
    for (name, guest, calls, promise) in CASES {
        let on = house::guest(&on, guest, &server);
        let off = house::guest(&off, guest, &server);
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for round in 0..calls {
            if round % 2 == 0 {
                with.push(time(&on, &guarded).await);
                without.push(time(&off, &bare).await);
            } else {
                without.push(time(&off, &bare).await);
                with.push(time(&on, &guarded).await);
            }
        }
        let (with, without) = (median(with), median(without));
        let ratio = with.as_secs_f64() / without.as_secs_f64();
        println!(
            "  {name:<8} {ratio:.3}, promised ≤ {promise}: {with:.1?} ÷ {without:.1?}, medians of {calls} calls each"
        );
        kept &= ratio <= promise;
    }
    kept
}

async fn time(plugin: &Plugin, arguments: &Arguments) -> Duration {
    let begun = Instant::now();
    plugin.trigger(arguments).await.outcome.unwrap();
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
