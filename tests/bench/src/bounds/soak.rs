//! What many calls leave behind.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use fault_server::Fault;
use host_harness::{Host, Limits};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::case::Case;
use super::held::Held;
use super::house;
use super::peer::Peer::{self, Plain, Tls};

/// All calls together; every second one is honest.
pub(crate) const CALLS: usize = 10_000;

/// Calls until pools and allocators have what they keep.
const WARM_UP: usize = 2_000;

/// Calls at once: as many honest ones as others.
pub(crate) const AT_ONCE: usize = 2 * HONEST.len();

/// How many of the wrong outcomes are shown.
const SHOWN: usize = 10;

/// The limit of the cases that take as long as their limit.
const WAIT: Duration = Duration::from_millis(100);

/// A guest, what its host's limits are, its peer, and what must come of it.
type Row = (&'static str, fn(&mut Limits), Peer, &'static str);

const ANSWERED: &str = "Verdict::Succeeded, it was answered, status 200, body_length 2";
const UNREACHABLE: &str = "crashed, wasm trap: wasm `unreachable` instruction executed";

const HONEST: [Row; 4] = [
    ("honest", |_| (), Plain(Fault::None), ANSWERED),
    ("honest", |_| (), Tls(Fault::None), ANSWERED),
    ("honest_post", |_| (), Plain(Fault::None), ANSWERED),
    ("honest_post", |_| (), Tls(Fault::None), ANSWERED),
];

/// Those that take as long as their limit stand together, so that they wait together.
const OTHERS: [Row; 16] = [
    ("allocates_without_end", |_| (), Plain(Fault::None), "past, memory"),
    ("asks_for_33000_headers", |_| (), Plain(Fault::None), "past, request_headers"),
    ("exits", |_| (), Plain(Fault::None), "crashed, it exited with status 0"),
    ("floods_stderr", |_| (), Plain(Fault::None), "Verdict::Succeeded, it is said"),
    ("hoards_handles", |_| (), Plain(Fault::None), "past, handles"),
    ("opens_requests_without_reading", |_| (), Plain(Fault::None), "past, concurrent_requests"),
    ("panics", |_| (), Plain(Fault::None), UNREACHABLE),
    ("puts_its_secret_into_the_body", |_| (), Tls(Fault::None), "http_request_denied, token in the body"),
    ("puts_its_secret_into_the_path", |_| (), Plain(Fault::None), "http_request_denied, token in the url"),
    ("sends_a_huge_body", |_| (), Tls(Fault::None), "past, request_body"),
    ("spins", |limits| limits.cpu = WAIT / 5, Plain(Fault::None), "past, cpu"),
    ("traps", |_| (), Plain(Fault::None), UNREACHABLE),
    ("honest", |limits| limits.connect = WAIT, Tls(Fault::Mute), "destination_unavailable, peer past connect"),
    (
        "honest",
        |limits| limits.first_byte = WAIT,
        Tls(Fault::MuteAfterRequest),
        "connection_read_timeout, peer past first_byte",
    ),
    ("honest", |limits| limits.idle = WAIT, Tls(Fault::MuteInBody), "body, peer past idle"),
    (
        "honest_post",
        |limits| limits.request = WAIT,
        Plain(Fault::DripBody(Duration::from_millis(10))),
        "body, peer past request",
    ),
];

/// Prints what was held after the warm-up and at the end. Whether nothing grew and every call came out as it must.
pub(crate) async fn measure() -> bool {
    run().await.unwrap_or_else(|error| {
        println!("  not measured, for that takes the /proc of Linux: {error}");
        false
    })
}

async fn run() -> io::Result<bool> {
    let mut hosts = Vec::new();
    let honest = cases(&mut hosts, HONEST).await;
    let others = cases(&mut hosts, OTHERS).await;
    let mut wrong = Vec::new();
    let mut before = None;
    let groups = others.chunks(AT_ONCE - honest.len()).cycle();
    for (number, group) in groups.take(CALLS / AT_ONCE).enumerate() {
        if number == WARM_UP / AT_ONCE {
            before = Some(held(&honest, &others).await?);
        }
        wrong.extend(at_once(honest.iter().chain(group)).await);
    }
    let before = before.ok_or_else(|| io::Error::other("the warm-up never ended"))?;
    let after = held(&honest, &others).await?;
    println!("  after {WARM_UP}: {before:?}\n  after {CALLS}: {after:?}\n  wrong: {}", wrong.len());
    for wrong in wrong.iter().take(SHOWN) {
        println!("    {wrong}");
    }
    Ok(wrong.is_empty() && after.has_not_grown_since(&before, AT_ONCE))
}

/// Gets the cases ready, in hosts that they share where their limits are the same.
async fn cases(hosts: &mut Vec<Host>, rows: impl IntoIterator<Item = Row>) -> Vec<Arc<Case>> {
    let mut cases = Vec::new();
    for (guest, set, peer, expected) in rows {
        let mut limits = Limits::default();
        set(&mut limits);
        let host = hosts.iter().find(|host| *host.limits() == limits).cloned().unwrap_or_else(|| {
            hosts.push(house::host(limits));
            hosts[hosts.len() - 1].clone()
        });
        cases.push(Arc::new(Case::new(&host, guest, peer, expected).await));
    }
    cases
}

/// Makes these calls at once. What went wrong.
async fn at_once(cases: impl Iterator<Item = &Arc<Case>>) -> impl Iterator<Item = String> {
    let calls: JoinSet<_> = cases.cloned().map(|case| async move { case.call().await }).collect();
    calls.join_all().await.into_iter().flatten()
}

/// What this process holds once what is ending has ended.
async fn held(honest: &[Arc<Case>], others: &[Arc<Case>]) -> io::Result<Held> {
    sleep(Duration::from_millis(500)).await;
    Held::now(honest.iter().chain(others).map(|case| case.server.counts().open).sum())
}
