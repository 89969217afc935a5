//! What the guards cost an honest call.

use std::time::{Duration, Instant};

use fault_server::{Fault, Server};
use host_harness::{Arguments, Limits, Plugin};

use crate::house;

/// The most that a call with all guards may take, in calls without.
pub(crate) const PROMISE: f64 = 1.1;

/// Calls of either sort: in turns, so that what else the machine does falls on both alike.
const CALLS: usize = 2_000;

/// Prints both medians and their ratio. Whether it keeps the promise.
pub(crate) async fn measure() -> bool {
    let server = Server::plain(Fault::None).await.unwrap();
    let on = house::guest(&house::host(Limits::default()), "honest", &server);
    let off = house::guest(&house::host(Limits::none()), "honest", &server);
    let guarded = house::arguments(&server);
    let bare = house::arguments(&server).expose_secrets();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for round in 0..CALLS {
        let (first, second) = if round % 2 == 0 {
            let first = time(&on, &guarded).await;
            (first, time(&off, &bare).await)
        } else {
            let second = time(&off, &bare).await;
            (time(&on, &guarded).await, second)
        };
        with.push(first);
        without.push(second);
    }
    let (with, without) = (median(with), median(without));
    let ratio = with.as_secs_f64() / without.as_secs_f64();
    println!("  {ratio:.3}: {with:.1?} ÷ {without:.1?}, medians of {CALLS} calls each");
    ratio <= PROMISE
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
