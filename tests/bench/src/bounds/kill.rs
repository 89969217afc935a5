//! How soon after its deadline a call is over.

use std::time::{Duration, Instant};

use fault_server::Fault;
use host_harness::Limits;

use super::house;
use super::peer::Peer;

/// The most that a call may take, in deadlines.
pub(crate) const PROMISE: f64 = 1.1;

/// The deadline of every case: whichever limit is the one to end it.
const DEADLINE: Duration = Duration::from_secs(1);

const CASES: [(&str, &str, Set, Peer); 6] = [
    ("mute TLS", "honest", |limits| limits.connect = DEADLINE, Peer::Tls(Fault::Mute)),
    ("mute HTTP", "honest", |limits| limits.first_byte = DEADLINE, Peer::Plain(Fault::MuteAfterRequest)),
    ("mute body", "honest", |limits| limits.idle = DEADLINE, Peer::Plain(Fault::MuteInBody)),
    ("drip", "honest", |limits| limits.request = DEADLINE, Peer::Plain(Fault::DripBody(Duration::from_millis(20)))),
    ("spin", "spins", |limits| limits.cpu = DEADLINE, Peer::Plain(Fault::None)),
    ("sleep", "sleeps_on_a_clock", |limits| limits.call = DEADLINE, Peer::Plain(Fault::None)),
];

type Set = fn(&mut Limits);

/// Prints each case. Whether all keep the promise.
pub(crate) async fn measure() -> bool {
    let mut kept = true;
    for (name, guest, set, peer) in CASES {
        let server = peer.start().await;
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
