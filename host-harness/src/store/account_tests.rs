//! An account in the store: its budget is never exceeded, and its queue is first come, first served.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::database_tests::{at, path};
use super::{Asker, Budget, Head, Reserved, Store};
use crate::Uptime;

const BUDGET: Budget = Budget { requests: 30, window: Duration::from_mins(10) };

/// A process that asks for the first time.
const ASKER: Asker = Asker { owner: 1, has_ticket: false };

#[test]
fn a_budget_is_never_exceeded_in_any_window_whoever_asks() {
    let path = path("budget");
    let mut stores = [Store::open(&path).unwrap(), Store::open(&path).unwrap()];
    let mut now = at(0);
    let mut spent: Vec<(Timestamp, u32)> = Vec::new();
    for turn in 0..200u32 {
        let requests = 1 + turn % 5;
        let store = &mut stores[turn as usize % 2];
        let reservation = loop {
            match store.reserve("account", ASKER, requests, BUDGET, now, None).unwrap() {
                Reserved::Now(reservation) => break reservation,
                Reserved::WaitUntil(then) => {
                    assert!(then > now);
                    now = then;
                }
                Reserved::Behind { .. } => panic!("nobody is before it"),
            }
        };
        store.release(reservation, requests.min(3), now, None).unwrap();
        spent.push((now, requests.min(3)));
        let window = now - SignedDuration::from_mins(10);
        let in_window: u32 = spent.iter().filter(|(at, _)| *at > window).map(|(_, requests)| requests).sum();
        assert!(in_window <= 30, "{in_window}");
        now += SignedDuration::from_secs(1);
    }
    assert!(matches!(stores[0].reserve("another", ASKER, 30, BUDGET, now, None).unwrap(), Reserved::Now(_)));
}

#[test]
fn what_was_reserved_and_not_sent_is_free_again_and_what_was_sent_without_a_reservation_counts() {
    let mut store = Store::open(&path("released")).unwrap();
    let Reserved::Now(reservation) = store.reserve("account", ASKER, 30, BUDGET, at(0), None).unwrap() else {
        panic!("the budget is not used")
    };
    store.release(reservation, 10, at(60), None).unwrap();
    assert!(granted(store.reserve("account", ASKER, 20, BUDGET, at(61), None).unwrap()));
    assert_eq!(store.reserve("account", ASKER, 1, BUDGET, at(62), None).unwrap(), Reserved::WaitUntil(at(660)));
    store.spend("another", 30, at(0), None).unwrap();
    assert_eq!(store.reserve("another", ASKER, 1, BUDGET, at(1), None).unwrap(), Reserved::WaitUntil(at(600)));
}

#[test]
fn a_clock_that_is_set_back_holds_an_account_up_for_one_window_at_most() {
    let mut store = Store::open(&path("clock")).unwrap();
    assert!(matches!(store.reserve("account", ASKER, 30, BUDGET, at(86_400), None).unwrap(), Reserved::Now(_)));
    let expected = Reserved::WaitUntil(at(600));
    assert_eq!(store.reserve("account", ASKER, 1, BUDGET, at(0), None).unwrap(), expected);
}

fn up(second: u64) -> Uptime {
    Uptime { boot: "0e1f".to_owned(), since: Duration::from_secs(second) }
}

#[test]
fn a_clock_that_is_set_gains_no_request_and_loses_no_time_where_the_machine_knows_its_uptime() {
    let mut store = Store::open(&path("clock-set")).unwrap();
    let mut ask = |day: i64, uptime: &Uptime, requests| {
        store.reserve("account", ASKER, requests, BUDGET, at(day), Some(uptime)).unwrap()
    };
    assert!(matches!(ask(0, &up(100), 30), Reserved::Now(_)));
    // A minute later by the uptime, while the clock was set a day forward, or a day back.
    assert_eq!(ask(86_400, &up(160), 1), Reserved::WaitUntil(at(86_400 + 540)));
    assert_eq!(ask(-86_400, &up(220), 1), Reserved::WaitUntil(at(-86_400 + 480)));
    assert!(matches!(ask(-86_400, &up(700), 30), Reserved::Now(_)));
    // After a reboot only the time of day is known.
    let another = Uptime { boot: "77aa".to_owned(), since: Duration::from_secs(5) };
    assert_eq!(ask(-86_300, &another, 1), Reserved::WaitUntil(at(-86_400 + 600)));
}

/// A process that asks for an account, with its own connection to the store.
struct Process {
    store: Store,
    asker: Asker,
}

impl Process {
    fn new(path: &std::path::Path, owner: i64) -> Self {
        Self { store: Store::open(path).unwrap(), asker: Asker { owner, has_ticket: false } }
    }

    /// Asks for its next request, or again for the one that waits.
    fn ask(&mut self, requests: u32, now: Timestamp) -> Reserved {
        let reserved = self.store.reserve("account", self.asker, requests, BUDGET, now, None).unwrap();
        self.asker.has_ticket = !matches!(reserved, Reserved::Now(_));
        reserved
    }

    /// The first ticket before its own, and how many there are.
    fn head(&mut self, now: Timestamp) -> (Head, usize) {
        match self.ask(1, now) {
            Reserved::Behind { head, ahead } => (head, ahead),
            other => panic!("not behind anybody: {other:?}"),
        }
    }
}

fn granted(reserved: Reserved) -> bool {
    matches!(reserved, Reserved::Now(_))
}

/// Processes 1, 2 and 3, in this order, at an account whose budget was used up at 0.
fn three(test: &str) -> [Process; 3] {
    let path = path(test);
    let mut processes = [1, 2, 3].map(|owner| Process::new(&path, owner));
    assert!(granted(processes[0].ask(30, at(0))));
    assert_eq!(processes[0].ask(1, at(1)), Reserved::WaitUntil(at(600)));
    assert_eq!(processes[1].head(at(2)).1, 1);
    assert_eq!(processes[2].head(at(3)).1, 2);
    processes
}

#[test]
fn across_processes_who_came_first_goes_first_however_often_others_ask() {
    let [mut first, mut second, mut third] = three("order");
    // The budget is free again, and the last one asks before all others.
    assert_eq!(third.head(at(600)).1, 2);
    assert_eq!(second.head(at(600)).1, 1);
    assert!(granted(first.ask(1, at(600))));
    // The first one's next request comes behind those that wait.
    assert_eq!(first.head(at(600)).1, 2);
    assert!(granted(second.ask(1, at(601))));
    assert_eq!(first.head(at(601)).1, 1);
    assert!(granted(third.ask(1, at(602))));
    assert!(granted(first.ask(1, at(602))));
}

#[test]
fn a_process_with_many_requests_starves_no_other() {
    let path = path("starved");
    let (mut busy, mut other) = (Process::new(&path, 1), Process::new(&path, 2));
    let (mut now, mut served) = (at(0), [0, 0]);
    // The busy one asks as soon as it may, the other only every second time.
    for turn in 0..400 {
        served[0] += u32::from(granted(busy.ask(1, now)));
        served[1] += u32::from(turn % 2 == 0 && granted(other.ask(1, now)));
        now += SignedDuration::from_secs(10);
    }
    assert!(served[0].abs_diff(served[1]) <= served[0] / 2, "{served:?}");
}

#[test]
fn each_request_of_a_process_that_waits_has_its_place_in_the_order_of_all() {
    let [mut first, mut second, _] = three("requests");
    // A request of the first one that came after the others', and one that stops waiting.
    for _ in 0..2 {
        first.store.queue("account", 1).unwrap();
    }
    first.store.leave_queue("account", 1).unwrap();
    assert!(granted(first.ask(1, at(600))));
    first.asker.has_ticket = true;
    assert_eq!(first.head(at(600)).1, 2);
    let tickets = |store: &Store| store.counted("SELECT count(*) FROM tickets");
    assert!(granted(second.ask(1, at(600))));
    assert_eq!(tickets(&first.store), 2);
}

#[test]
fn who_waits_first_shows_that_it_is_alive_where_others_wait_and_writes_nothing_where_none_do() {
    let path = path("alive");
    let (mut first, mut second) = (Process::new(&path, 1), Process::new(&path, 2));
    assert!(granted(first.ask(30, at(0))));
    assert!(!granted(first.ask(1, at(1))));
    let changes = |process: &Process| process.store.counted("SELECT total_changes()");
    let before = changes(&first);
    assert!(!granted(first.ask(1, at(2))));
    assert_eq!(changes(&first), before);
    let (head, _) = second.head(at(3));
    assert_eq!(second.head(at(4)).0, head);
    assert!(!granted(first.ask(1, at(5))));
    assert_ne!(second.head(at(6)).0, head);
}

#[test]
fn who_shows_no_life_is_passed_over_with_all_its_requests_and_who_has_shown_it_meanwhile_is_not() {
    let [mut first, mut second, mut third] = three("passed-over");
    first.store.queue("account", 1).unwrap();
    let (head, _) = second.head(at(10));
    // Its heartbeat is only late.
    assert!(!granted(first.ask(1, at(11))));
    second.store.pass_over("account", head).unwrap();
    assert_eq!(second.head(at(12)).1, 1);
    let (head, _) = second.head(at(12));
    second.store.pass_over("account", head).unwrap();
    assert!(granted(second.ask(1, at(600))));
    assert!(granted(third.ask(1, at(600))));
    // One that was passed over, but is alive, comes behind the others.
    assert!(granted(first.ask(1, at(601))));
}

#[test]
fn what_was_spent_before_the_store_had_a_queue_still_counts() {
    let path = path("version-4");
    let old = Connection::open(&path).unwrap();
    for schema in [
        include_str!("schema/1.sql"),
        include_str!("schema/2.sql"),
        include_str!("schema/3.sql"),
        include_str!("schema/4.sql"),
    ] {
        old.execute_batch(schema).unwrap();
    }
    old.execute_batch("PRAGMA application_id = 1751675502; PRAGMA user_version = 4").unwrap();
    old.execute("INSERT INTO spending (account, at, requests) VALUES ('account', ?1, 30)", [at(0).as_millisecond()])
        .unwrap();
    old.execute_batch(
        "INSERT INTO pipeline_runs (id, name, file, definition, started_at, ended_at, outcome, epoch) \
         VALUES (7, 'nightly', 'f', 'd', 1000, 2000, 'succeeded', 3)",
    )
    .unwrap();
    drop(old);
    let mut store = Store::open(&path).unwrap();
    let reserved = store.reserve("account", ASKER, 1, BUDGET, at(60), Some(&up(5))).unwrap();
    assert_eq!(reserved, Reserved::WaitUntil(at(600)));
    assert_eq!(store.all().unwrap(), [super::PipelineRunId(7)]);
    let (id, _lock) = store.begin("nightly", "f", "d", &[], at(61)).unwrap();
    assert_eq!(id, super::PipelineRunId(8));
}
