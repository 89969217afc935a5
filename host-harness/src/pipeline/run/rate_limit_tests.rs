//! Two processes at one account, each with its own connection to the store, queue and clock.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use tokio::task::JoinHandle;

use crate::contract::RequestBudget;
use crate::pipeline::run::event::What;
use crate::pipeline::run::journal::Journal;
use crate::pipeline::run::lease::LEASE;
use crate::pipeline::run::rate_limit::{Account, Accounts};
use crate::pipeline::run::wall_time::wall;
use crate::store::Store;
use crate::{Clock, Uptime};

/// A clock that runs `speed` times as fast, and whose wall clock can be set.
struct Hurried {
    since: Instant,
    speed: u32,
    /// The seconds by which the wall clock was set.
    set: AtomicI64,
}

impl Clock for Hurried {
    fn now(&self) -> Duration {
        self.since.elapsed() * self.speed
    }

    fn wall(&self) -> SystemTime {
        let seconds = 1_700_000_000 + self.set.load(Ordering::Relaxed);
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs()) + self.now()
    }

    fn uptime(&self) -> Option<Uptime> {
        Some(Uptime { boot: "0e1f".to_owned(), since: self.now() })
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time / self.speed).await;
    }
}

#[derive(Clone)]
struct Process {
    account: Arc<Account>,
    journal: Journal<Hurried>,
}

impl Process {
    /// A process that runs a pipeline of this name, at an account with one request in a window.
    fn new(path: &Path, name: &str, speed: u32, window: Duration) -> Self {
        let clock = Hurried { since: Instant::now(), speed, set: AtomicI64::new(0) };
        let mut store = Store::open(path).unwrap();
        let (_, lock) = store.begin(name, "f", "d", &[], wall(&clock)).unwrap();
        let budget =
            RequestBudget { requests: 1, window_ms: u64::try_from(window.as_millis()).unwrap(), paths: Vec::new() };
        let account = Accounts::default().get("account".to_owned(), Some(&budget)).unwrap();
        Self { account, journal: Journal::new(store, Some(lock), Arc::new(clock)) }
    }

    /// Makes a request in its turn.
    async fn request(&self) {
        let observe = |_: What<'_>| ();
        let turn = self.account.turn(1, &self.journal, &observe, std::future::pending::<()>());
        turn.await.unwrap().unwrap().end(1, &self.journal, &observe).await.unwrap();
    }

    /// Makes a request in the background, and records its name once made.
    fn requests(&self, name: &'static str, told: &Told) -> JoinHandle<()> {
        let (process, told) = (self.clone(), Arc::clone(told));
        tokio::spawn(async move {
            process.request().await;
            told.lock().unwrap().push(name);
        })
    }
}

fn path(test: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("host-harness-account-{}-{test}", std::process::id()));
    _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder.join("runs.db")
}

type Told = Arc<Mutex<Vec<&'static str>>>;

/// The owner number of a process that waits before all others.
const FIRST: i64 = 1;

/// Waits until this many requests have tickets.
async fn waiting(path: &Path, requests: i64) {
    let store = Store::open_to_read(path).unwrap();
    while store.counted("SELECT count(*) FROM tickets") < requests {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn the_requests_of_two_processes_are_made_in_the_order_in_which_they_came() {
    let path = path("order");
    let [a, b] = ["a", "b"].map(|name| Process::new(&path, name, 2, Duration::from_millis(500)));
    // No request is made until all have tickets.
    let mut store = Store::open(&path).unwrap();
    store.queue("account", FIRST).unwrap();
    let told = Told::default();
    let mut requests = Vec::new();
    let names = [(&a, "a1"), (&a, "a2"), (&b, "b1"), (&a, "a3"), (&b, "b2")];
    for ((process, name), number) in names.into_iter().zip(2..) {
        requests.push(process.requests(name, &told));
        let come = tokio::time::timeout(LEASE / 2, waiting(&path, number)).await;
        assert!(come.is_ok(), "{name} has no place in the store");
    }
    store.leave_queue("account", FIRST).unwrap();
    for request in requests {
        request.await.unwrap();
    }
    assert_eq!(*told.lock().unwrap(), ["a1", "a2", "b1", "a3", "b2"]);
    assert_eq!(store.counted("SELECT count(*) FROM tickets"), 0);
}

#[tokio::test]
async fn a_process_that_died_holds_an_account_up_for_a_lease_and_no_longer() {
    let path = path("died");
    let process = Process::new(&path, "a", 100, Duration::from_secs(2));
    let mut store = Store::open(&path).unwrap();
    for _ in 0..3 {
        store.queue("account", FIRST).unwrap();
    }
    let before = process.journal.clock.now();
    // It would block for ever if it were not passed over.
    tokio::time::timeout(Duration::from_secs(30), process.request()).await.unwrap();
    assert!(process.journal.clock.now() >= before + LEASE);
    assert_eq!(store.counted("SELECT count(*) FROM tickets"), 0);
}

#[tokio::test]
async fn a_request_that_no_longer_waits_gives_its_place_up() {
    let path = path("gone");
    let [a, b] = ["a", "b"].map(|name| Process::new(&path, name, 10, Duration::from_hours(1)));
    a.request().await;
    let observe = |_: What<'_>| ();
    for process in [&a, &b] {
        let quit = process.journal.clock.sleep(Duration::from_secs(1));
        assert!(process.account.turn(1, &process.journal, &observe, quit).await.unwrap().is_err());
    }
    assert_eq!(Store::open(&path).unwrap().counted("SELECT count(*) FROM tickets"), 0);
}

#[tokio::test]
async fn a_clock_that_is_set_while_a_request_waits_holds_nobody_up_and_exceeds_no_budget() {
    for (name, set) in [("back", -86_400), ("forward", 86_400)] {
        let path = path(name);
        let window = Duration::from_mins(1);
        let [a, b] = ["a", "b"].map(|name| Process::new(&path, name, 100, window));
        let before = b.journal.clock.now();
        a.request().await;
        let request = b.requests("b", &Told::default());
        waiting(&path, 1).await;
        b.journal.clock.set.store(set, Ordering::Relaxed);
        tokio::time::timeout(Duration::from_secs(30), request).await.unwrap().unwrap();
        let waited = b.journal.clock.now().saturating_sub(before);
        // A second is what the two clocks may part before the time of day counts as set.
        assert!(waited + Duration::from_secs(1) >= window, "set {name}: {waited:?}");
    }
}

#[tokio::test]
async fn a_request_that_is_made_takes_the_place_of_no_other_of_its_process() {
    let path = path("place");
    let [a, b] = ["a", "b"].map(|name| Process::new(&path, name, 2, Duration::from_millis(500)));
    let mut store = Store::open(&path).unwrap();
    store.queue("account", FIRST).unwrap();
    let told = Told::default();
    let mut requests = Vec::new();
    for ((process, name), number) in [(&a, "a1"), (&a, "a2"), (&b, "b1")].into_iter().zip(2..) {
        requests.push(process.requests(name, &told));
        assert!(tokio::time::timeout(LEASE / 2, waiting(&path, number)).await.is_ok(), "{name}");
    }
    store.leave_queue("account", FIRST).unwrap();
    for request in requests {
        request.await.unwrap();
    }
    assert_eq!(*told.lock().unwrap(), ["a1", "a2", "b1"]);
}

/// A clock that goes on only while something sleeps, and then at once.
#[derive(Default)]
struct Leaping(Mutex<Duration>);

impl Clock for Leaping {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000) + self.now()
    }

    async fn sleep(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

/// An account with so many requests in two minutes, and a journal whose clock leaps.
fn leaping(path: &Path, requests: u32) -> (Arc<Account>, Journal<Leaping>) {
    let (mut store, clock) = (Store::open(path).unwrap(), Leaping::default());
    let (_, lock) = store.begin("leaping", "f", "d", &[], wall(&clock)).unwrap();
    let budget = RequestBudget { requests, window_ms: 120_000, paths: Vec::new() };
    let account = Accounts::default().get("account".to_owned(), Some(&budget)).unwrap();
    (account, Journal::new(store, Some(lock), Arc::new(clock)))
}

/// Makes a request in its turn, and returns what was observed of its wait: the requests ahead, and the seconds.
async fn observed(account: &Account, journal: &Journal<Leaping>, then: impl Fn(usize, Duration)) -> Vec<(usize, u64)> {
    let observed = Mutex::new(Vec::new());
    let observe = |what: What<'_>| {
        let What::Queued { ahead, wait } = what else { panic!("{what:?}") };
        observed.lock().unwrap().push((ahead, wait.as_secs()));
        then(ahead, wait);
    };
    let turn = account.turn(1, journal, &observe, std::future::pending::<()>()).await.unwrap().unwrap();
    turn.end(1, journal, &observe).await.unwrap();
    observed.into_inner().unwrap()
}

#[tokio::test]
async fn a_wait_is_told_once_and_again_only_if_others_leave_or_it_changes_by_more_than_a_second() {
    // The tool asks for silence while the request waits: until so many seconds after its turn.
    for (later, changed) in [(1, None), (2, Some((0, 52)))] {
        let path = path(&format!("told-{later}"));
        let (account, journal) = leaping(&path, 1);
        assert_eq!(observed(&account, &journal, |_, _| ()).await, []);
        let mut store = Store::open(&path).unwrap();
        for died in [1, 2] {
            store.queue("account", died).unwrap();
        }
        let silence = |ahead, wait: Duration| {
            if (ahead, wait.as_secs()) == (0, 60) {
                account.silent_until(journal.clock.now() + wait + Duration::from_secs(later));
            }
        };
        let expected: Vec<_> = [(2, 0), (1, 0), (0, 60)].into_iter().chain(changed).collect();
        assert_eq!(observed(&account, &journal, silence).await, expected);
    }
}

#[tokio::test]
async fn nothing_is_sent_before_the_longest_silence_that_the_tool_asked_for_has_passed() {
    let (account, journal) = leaping(&path("silence"), 1);
    for seconds in [40, 20] {
        account.silent_until(Duration::from_secs(seconds));
    }
    assert_eq!(observed(&account, &journal, |_, _| ()).await, [(0, 40)]);
    assert_eq!(journal.clock.now(), Duration::from_secs(40));
}

#[tokio::test]
async fn what_was_sent_without_a_reservation_counts() {
    let (account, journal) = leaping(&path("spent"), 1);
    account.spent(1, &journal, &|_| ()).await.unwrap();
    assert_eq!(observed(&account, &journal, |_, _| ()).await, [(0, 120)]);
}

#[tokio::test]
async fn what_was_reserved_and_not_sent_is_free_for_the_next_request() {
    let (account, journal) = leaping(&path("released"), 2);
    let turn = account.turn(2, &journal, &|_| (), std::future::pending::<()>()).await.unwrap().unwrap();
    turn.end(1, &journal, &|_| ()).await.unwrap();
    assert_eq!(observed(&account, &journal, |_, _| ()).await, []);
}

#[test]
fn a_budget_of_nothing_is_no_rate_limit_and_no_more_than_a_budget_is_reserved() {
    let get = |requests, window_ms| {
        Accounts::default().get("account".to_owned(), Some(&RequestBudget { requests, window_ms, paths: Vec::new() }))
    };
    assert!([(0, 0), (0, 1), (1, 0)].into_iter().all(|(requests, window)| get(requests, window).is_none()));
    for (requests, reserved) in [(1, [1, 1, 1, 1]), (30, [5, 30, 16, 30])] {
        let account = get(requests, 1).unwrap();
        let found = [account.first_guess(), account.most(), account.to_settle(false), account.to_settle(true)];
        assert_eq!(found, reserved);
    }
}
