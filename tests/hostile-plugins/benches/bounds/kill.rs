//! How soon after its deadline a call is over.

use std::time::{Duration, Instant};

use fault_server::{Fault, Server};
use host_harness::Limits;

use crate::house;

/// The most that a call may take, in deadlines.
pub(crate) const PROMISE: f64 = 1.1;

/// The deadline of every case: whichever limit is the one to end it.
const DEADLINE: Duration = Duration::from_secs(1);

const CASES: [(&str, &str, Set, Serve); 6] = [
    ("mute TLS", "honest", |limits| limits.connect = DEADLINE, Serve::Tls(Fault::Mute)),
    ("mute HTTP", "honest", |limits| limits.first_byte = DEADLINE, Serve::Plain(Fault::MuteAfterRequest)),
    ("mute body", "honest", |limits| limits.idle = DEADLINE, Serve::Plain(Fault::MuteInBody)),
    ("drip", "honest", |limits| limits.request = DEADLINE, Serve::Plain(Fault::DripBody(Duration::from_millis(20)))),
    ("spin", "spins", |limits| limits.cpu = DEADLINE, Serve::Plain(Fault::None)),
    ("sleep", "sleeps_on_a_clock", |limits| limits.call = DEADLINE, Serve::Plain(Fault::None)),
];

type Set = fn(&mut Limits);

enum Serve {
    Plain(Fault),
    Tls(Fault),
}

/// Prints each case. Whether all keep the promise.
pub(crate) async fn measure() -> bool {
    let mut kept = true;
    for (name, guest, set, serve) in CASES {
        let server = match serve {
            Serve::Plain(fault) => Server::plain(fault).await.unwrap(),
            Serve::Tls(fault) => Server::tls(fault).await.unwrap(),
        };
        let mut limits = Limits::default();
        set(&mut limits);
        let plugin = house::guest(&house::host(limits), guest, &server);
        let arguments = house::arguments(&server);
        let begun = Instant::now();
        let call = plugin.trigger(&arguments).await;
        let ratio = begun.elapsed().as_secs_f64() / DEADLINE.as_secs_f64();
        let over = call.outcome.is_err() && ratio >= 1.0;
        println!("  {name:<10} {ratio:.3}");
        kept &= over && ratio <= PROMISE;
    }
    kept
}
