//! The rhythm of polls together: how long after a job's end its verdict is told, on a clock of their own.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use plugin_guest::contract::{Progress, TaskError, WaitingRun};
use plugin_guest::http::{Answer, Http, Request, SendError};
use plugin_guest::scripted::{answer, named};
use plugin_guest::task_error::NOT_REACHED;
use serde_json::json;

use crate::pace::MOST_TOGETHER;
use crate::poll_many::poll_many;
use crate::run::Run;
use crate::scripted::{connection, row};
use crate::stitch::id::SourceId;
use crate::stitch::job_name::JobName;

/// The seconds in which the rate limit allows a request.
const OF_A_REQUEST: u64 = 20;

/// An account whose sources have the ids from 1, each with a job that ends once. Times are in seconds.
struct Account {
    ends: Vec<u64>,
    now: u64,
    requests: Vec<u64>,
}

impl Account {
    /// The requests in the window that ends then.
    fn requests_until(&self, end: u64) -> usize {
        self.requests.iter().filter(|at| (end.saturating_sub(599)..=end).contains(*at)).count()
    }
}

impl Http for Account {
    fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
        self.requests.push(self.now);
        let page: usize = request.path.split("page=").nth(1).expect("a page").parse().expect("a number");
        let ends = (1..).zip(&self.ends).skip((page - 1) * 100).take(100);
        let rows: Vec<_> = ends.map(|(source, end)| row(&job(source, *end <= self.now))).collect();
        Ok(answer(200, &json!({"data": rows, "total": self.ends.len()}).to_string()))
    }
}

/// The job of a source, or the one before it.
fn job(source: u64, is_ours: bool) -> String {
    format!("116078.{source}.sync.e4d8eae{}-b23e-11ea-94a1-02cbbd504f7d", if is_ours { 5 } else { 4 })
}

fn waiting(source: u64) -> WaitingRun {
    let run = Run { job: JobName::new(job(source, true)), ..Run::new(SourceId::new(source).expect("an id")) };
    let source = i64::try_from(source).expect("small");
    WaitingRun { parameters: [named("source_id", source)].into(), run: run.encode() }
}

/// Polls runs to their ends as the contract asks of a host: those that are due in one call, no sooner than the rate limit allows
/// for the last one, and first those that it did not get to. Returns the delays, sorted, and the most requests of a window.
fn delays(ends: Vec<u64>) -> (Vec<u64>, usize) {
    let mut account = Account { ends, now: 0, requests: Vec::new() };
    let (mut not_before, mut delays, mut first) = (0, Vec::new(), Vec::new());
    // They are triggered one after the other.
    let mut later: Vec<_> =
        (1..).take(account.ends.len()).map(|source| (20 + source / 2, source, waiting(source))).collect();
    while !(first.is_empty() && later.is_empty()) {
        let due = later.iter().map(|(due, ..)| *due).min().filter(|_| first.is_empty());
        account.now = not_before.max(due.unwrap_or_default()) + 1;
        while account.requests_until(account.now) + MOST_TOGETHER as usize > 30 {
            account.now += 1;
        }
        later.sort_by_key(|(due, ..)| *due);
        let are_due = later.partition_point(|(due, ..)| *due <= account.now);
        first.extend(later.drain(..are_due));
        let (runs, before): (Vec<_>, _) = (first.iter().map(|(.., run)| run.clone()).collect(), account.requests.len());
        let results = poll_many(&mut account, &connection(), &runs);
        let spent = account.requests.len() - before;
        not_before = account.now + OF_A_REQUEST * u64::try_from(spent).expect("few");
        for ((due, source, run), result) in core::mem::take(&mut first).into_iter().zip(results) {
            match result {
                Ok(Progress::Finished(_)) => {
                    let source = usize::try_from(source).expect("few");
                    delays.push(account.now - account.ends[source - 1]);
                }
                Ok(Progress::Running(running)) => {
                    let run = WaitingRun { run: running.run, ..run };
                    later.push((account.now + running.poll_after_ms.div_ceil(1_000), source, run));
                }
                Err(TaskError { code, .. }) if code == NOT_REACHED => first.push((due, source, run)),
                Err(error) => panic!("{error:?}"),
            }
        }
    }
    delays.sort_unstable();
    // Before, runs are looked for: the host keeps those calls to their shares.
    let steady = account.requests.iter().filter(|at| **at >= 3_000);
    let most = steady.map(|at| account.requests_until(*at)).max();
    (delays, most.unwrap_or_default())
}

/// The delay on average and at the 95th percentile, of so many runs whose jobs end at any time of twenty minutes.
fn told_after(runs: u64) -> (u64, u64) {
    let ends = (0..runs).map(|run| 2_400 + run * 7_919 % 1_200).collect();
    let (delays, most_in_window) = delays(ends);
    assert!(most_in_window <= 30, "{most_in_window} requests in 10 minutes");
    (delays.iter().sum::<u64>() / runs, delays[delays.len() * 95 / 100])
}

#[test]
fn the_end_of_a_job_is_told_as_soon_as_the_pages_of_its_account_allow() {
    // A page is read once in this time: half of it on average, and 19 twentieths, are the least that a rhythm allows.
    for (runs, least) in [(2_000, 400), (200, 60), (450, 100)] {
        let (mean, late) = told_after(runs);
        std::eprintln!("{runs} runs: {mean} s on average, {late} s at the 95th percentile");
        assert!(mean <= least / 2 + least / 10, "{runs} runs: {mean} s on average");
        assert!(late <= least + least / 6, "{runs} runs: {late} s at the 95th percentile");
    }
}
