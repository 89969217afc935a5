//! `poll-many`: the states of many runs, each page of Stitch's lists read once for all of them.

use alloc::vec;
use alloc::vec::Vec;

use crate::connection::Connection;
use crate::pace::{Spent, poll_after_ms};
use crate::parameters::Parameters;
use crate::poll::{Stage, look};
use crate::run::Run;
use crate::stitch::api::Api;
use crate::stitch::listed_pages::ListedPages;
use plugin_guest::contract::{NamedValue, Progress, TaskError, WaitingRun};
use plugin_guest::http::Http;
use plugin_guest::task_error::NOT_REACHED;

/// Polls the runs. Only reads. Runs that go on are to be polled again after the time that Stitch's rate limit allows for all
/// requests of this call, all at the same time. Those on pages that are left to the next call are not reached.
pub fn poll_many(
    http: &mut dyn Http,
    connection: &[NamedValue],
    runs: &[WaitingRun],
) -> Vec<Result<Progress, TaskError>> {
    let connection = match Connection::parse(connection) {
        Ok(connection) => connection,
        Err(error) => return vec![Err(error); runs.len()],
    };
    let mut listed = ListedPages::default();
    for (_, run) in runs.iter().flat_map(parse) {
        listed.want(run);
    }
    let mut api = Api::of_runs(&connection, http, listed);
    let look = |waiting| {
        let (parameters, run) = parse(waiting)?;
        api.begin_run();
        look(&mut api, &parameters, run)
    };
    let stages: Vec<_> = runs.iter().map(look).collect();
    let together_ms = stages.iter().flatten().filter_map(Stage::waited_ms).min();
    let spent = Spent { together_ms: together_ms.filter(|_| runs.len() > 1), ..api.spent() };
    let told = |stage: Result<Stage, TaskError>| match stage {
        Err(error) if error.code == NOT_REACHED => {
            Err(TaskError { retry_after_ms: Some(poll_after_ms(spent, 0)), ..error })
        }
        stage => stage.map(|stage| stage.progress(spent)),
    };
    stages.into_iter().map(told).collect()
}

fn parse(waiting: &WaitingRun) -> Result<(Parameters, Run), TaskError> {
    let parameters = Parameters::parse(&waiting.parameters)?;
    let run = Run::decode(&waiting.run, parameters.source_id)?;
    Ok((parameters, run))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poll::poll;
    use crate::run::Extracted;
    use crate::scripted::{connection, row};
    use crate::stitch::id::{ClientId, SourceId};
    use crate::stitch::job_name::JobName;
    use alloc::format;
    use alloc::string::{String, ToString};
    use plugin_guest::contract::{ErrorKind, Verdict};
    use plugin_guest::http::{Answer, Request, SendError};
    use plugin_guest::scripted::{answer, named};
    use plugin_guest::timestamp::Timestamp;
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    /// An account whose sources have the ids from 1, and what was asked of it.
    struct Account {
        rows: Vec<Json>,
        asked: Vec<String>,
    }

    impl Account {
        /// Each source's job has ended, every third badly and every fifth with an unreadable status.
        fn with(sources: u64) -> Self {
            let row = |source_id: u64| {
                let mut row = row(&job(source_id));
                if source_id.is_multiple_of(3) {
                    row["tap_exit_status"] = json!(1);
                }
                if source_id.is_multiple_of(5) {
                    row["target_exit_status"] = json!({"odd": true});
                }
                row
            };
            Self { rows: (1..=sources).map(row).collect(), asked: Vec::new() }
        }
    }

    impl Http for Account {
        fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
            self.asked.push(request.path.clone());
            let page: usize = request.path.split("page=").nth(1).expect("a page").parse().expect("a number");
            let rows: Vec<_> = self.rows.iter().skip((page - 1) * 100).take(100).collect();
            Ok(answer(200, &json!({"data": rows, "total": self.rows.len()}).to_string()))
        }
    }

    fn job(source_id: u64) -> String {
        format!("116078.{source_id}.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d")
    }

    fn waiting(source_id: u64) -> WaitingRun {
        let run = Run { job: JobName::new(job(source_id)), ..Run::new(SourceId::new(source_id).expect("an id")) };
        let source_id = i64::try_from(source_id).expect("small");
        WaitingRun { parameters: [named("source_id", source_id)].into(), run: run.encode() }
    }

    fn alone(account: &mut Account, waiting: &WaitingRun) -> Result<Progress, TaskError> {
        poll(account, &connection(), &waiting.parameters, &waiting.run)
    }

    /// What a result says of the run, apart from when to ask again.
    fn said(result: &Result<Progress, TaskError>) -> String {
        match result {
            Ok(Progress::Running(running)) => format!("running: {:?}", running.report),
            ended => format!("{ended:?}"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
        #[test]
        fn each_run_is_told_what_its_own_poll_would_tell_for_any_of_them_in_any_order(
            ids in prop::collection::vec(1_u64..350, 1..12),
        ) {
            // Those above 300 are not listed.
            let runs: Vec<_> = ids.iter().map(|id| waiting(*id)).collect();
            let mut account = Account::with(300);
            let together: Vec<_> = poll_many(&mut account, &connection(), &runs).iter().map(said).collect();
            let mut asked = account.asked.clone();
            asked.sort();
            asked.dedup();
            prop_assert_eq!(asked.len(), account.asked.len(), "a page was read twice: {:?}", account.asked);
            let alone: Vec<_> = runs.iter().map(|run| said(&alone(&mut account, run))).collect();
            prop_assert_eq!(together, alone);
        }
    }

    /// The runs that a call did not get to.
    fn not_reached(runs: &[WaitingRun], results: &[Result<Progress, TaskError>]) -> Vec<WaitingRun> {
        let left = runs.iter().zip(results).filter_map(|(run, result)| {
            let error = result.as_ref().err().filter(|error| error.code == NOT_REACHED)?;
            assert!(error.kind == ErrorKind::Unavailable && error.retry_after_ms >= Some(100_000), "{error:?}");
            Some(run.clone())
        });
        left.collect()
    }

    #[test]
    fn two_thousand_runs_are_looked_for_with_few_requests_in_a_call() {
        let mut runs: Vec<_> = (1..=2000).map(waiting).collect();
        let mut account = Account::with(2000);
        let mut succeeded = 0;
        while !runs.is_empty() {
            let (before, left) = (account.asked.len(), runs.len());
            let results = poll_many(&mut account, &connection(), &runs);
            let has_succeeded = |result: &&Result<Progress, TaskError>| matches!(result, Ok(Progress::Finished(finished)) if finished.verdict == Verdict::Succeeded);
            succeeded += results.iter().filter(has_succeeded).count();
            runs = not_reached(&runs, &results);
            // The first run is looked for to the end.
            assert!(account.asked.len() - before <= 12);
            // Until its page is known, a run is looked for from the first page on.
            assert!(left > runs.len(), "{left} runs, then {}", runs.len());
        }
        assert_eq!(succeeded, (1..=2000).filter(|id| id % 3 != 0 && id % 5 != 0).count());
        assert!(account.asked.len() <= 60, "{:?}", account.asked);
    }

    #[test]
    fn the_first_run_that_asks_is_looked_for_to_the_end() {
        /// A list whose pages do not help to find a source: each says that it is further on.
        struct Endless(u32);
        impl Http for Endless {
            fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
                self.0 += 1;
                let page: u64 = request.path.split("page=").nth(1).expect("a page").parse().expect("a number");
                let rows: Vec<_> = (1..=100).map(|row_of| row(&job(1_000 + page * 100 + row_of))).collect();
                Ok(answer(200, &json!({"data": rows, "total": 100_000}).to_string()))
            }
        }
        let damaged = WaitingRun { run: "not a run".to_string(), ..waiting(8) };
        let runs = [damaged, waiting(90_000), waiting(40_000)];
        let mut http = Endless(0);
        let results = poll_many(&mut http, &connection(), &runs);
        assert!(matches!(&results[1], Ok(Progress::Finished(_))), "{:?}", results[1]);
        assert_eq!(results[2].as_ref().map_err(|error| error.code.as_str()).err(), Some(NOT_REACHED));
    }

    #[test]
    fn only_pages_that_hold_a_run_are_read_once_their_numbers_are_known() {
        let on_page = |source_id: u64, page: u32| {
            let run = Run::decode(&waiting(source_id).run, SourceId::new(source_id).expect("an id")).expect("a run");
            WaitingRun { run: Run { page, ..run }.encode(), ..waiting(source_id) }
        };
        let mut account = Account::with(2000);
        poll_many(&mut account, &connection(), &[on_page(1_950, 20), on_page(7, 1), on_page(1_901, 20)]);
        assert_eq!(account.asked.len(), 2, "{:?}", account.asked);
    }

    #[test]
    fn a_row_that_moves_meanwhile_costs_one_more_request() {
        /// An account whose first source is deleted after its first page was read.
        struct Moving(Account);
        impl Http for Moving {
            fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
                let answer = self.0.send(request);
                if self.0.asked.len() == 1 {
                    self.0.rows.remove(0);
                }
                answer
            }
        }
        let mut account = Moving(Account::with(301));
        let runs = [waiting(98), waiting(101), waiting(101), waiting(101)];
        let results = poll_many(&mut account, &connection(), &runs);
        assert!(results.iter().all(|result| matches!(result, Ok(Progress::Finished(_)))), "{results:?}");
        assert_eq!(account.0.asked.len(), 3 + 1, "{:?}", account.0.asked);
    }

    #[test]
    fn runs_that_go_on_are_asked_for_again_after_the_time_of_all_requests() {
        let running = |source_id| {
            let mut account = Account::with(0);
            account.rows = (1..=400).map(|id| row(&job(id).replace("e4d8eae5", "e4d8eae4"))).collect();
            let runs = [waiting(7), waiting(source_id)];
            let progress = poll_many(&mut account, &connection(), &runs);
            let waits = progress.into_iter().map(|progress| {
                let Ok(Progress::Running(running)) = progress else { panic!("not running") };
                running.poll_after_ms
            });
            (account.asked.len(), waits.collect::<Vec<_>>())
        };
        assert_eq!(running(8), (1, [20_000, 20_000].into()));
        assert_eq!(running(399), (3, [60_000, 60_000].into()));
    }

    #[test]
    fn what_goes_wrong_with_one_run_leaves_the_others() {
        let damaged = WaitingRun { run: "not a run".to_string(), ..waiting(8) };
        let another = WaitingRun { run: waiting(9).run, ..waiting(8) };
        let results =
            poll_many(&mut Account::with(10), &connection(), &[damaged, waiting(1), waiting(10), another, waiting(7)]);
        let kinds: Vec<_> = results.iter().map(|result| result.as_ref().err().map(|error| error.kind)).collect();
        let invalid = Some(ErrorKind::InvalidInput);
        assert_eq!(kinds, [invalid, None, Some(ErrorKind::NotUnderstood), invalid, None]);
    }

    #[test]
    fn after_an_answer_that_concerns_all_nothing_more_is_asked() {
        struct Closed(Result<Answer, SendError>, usize);
        impl Http for Closed {
            fn send(&mut self, _: &Request<'_>) -> Result<Answer, SendError> {
                self.1 += 1;
                self.0.clone()
            }
        }
        let on_pages: Vec<_> = (1..=3)
            .map(|page| {
                let run = Run { page, job: JobName::new(job(7)), ..Run::new(SourceId::new(7).expect("an id")) };
                WaitingRun { run: run.encode(), ..waiting(7) }
            })
            .collect();
        for (result, kind, requests) in [
            (Ok(answer(401, "")), ErrorKind::Unauthorized, 1),
            (Err(SendError::Denied), ErrorKind::Denied, 1),
            (Ok(answer(429, "")), ErrorKind::Unavailable, 1),
            (Ok(answer(503, "")), ErrorKind::Unavailable, 1),
            (Err(SendError::NoAnswer("closed".to_string())), ErrorKind::Unavailable, 2),
            // Of one page only.
            (Ok(answer(500, "")), ErrorKind::Unavailable, 3),
            (Ok(answer(200, "[]")), ErrorKind::NotUnderstood, 3),
        ] {
            let mut http = Closed(result, 0);
            let results = poll_many(&mut http, &connection(), &on_pages);
            assert!(results.iter().all(|result| result.as_ref().is_err_and(|error| error.kind == kind)), "{results:?}");
            assert_eq!(http.1, requests, "{kind:?}");
        }
    }

    #[test]
    fn an_account_that_the_token_may_not_read_is_no_concern_of_the_others() {
        /// Only the account of the other tests may be read.
        struct OneOfTwo(Account);
        impl Http for OneOfTwo {
            fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
                if request.path.contains("/116078/") { self.0.send(request) } else { Ok(answer(401, "")) }
            }
        }
        let foreign = Run { client_id: ClientId::new(5), ..Run::new(SourceId::new(8).expect("an id")) };
        let foreign = WaitingRun { run: foreign.encode(), ..waiting(8) };
        let results = poll_many(&mut OneOfTwo(Account::with(10)), &connection(), &[foreign, waiting(7)]);
        assert_eq!(results[0].as_ref().map_err(|error| error.kind).err(), Some(ErrorKind::Unauthorized));
        assert!(matches!(&results[1], Ok(Progress::Finished(_))), "{results:?}");
    }

    /// Polls two runs whose loads are awaited, with this answer to each page of loads.
    fn loading(page: &Answer) -> (usize, Vec<Result<Progress, TaskError>>) {
        struct Loading<'a>(&'a Answer, usize);
        impl Http for Loading<'_> {
            fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
                Ok(match request.path.as_str() {
                    path if path.ends_with("/streams") => answer(200, r#"[{"selected": true, "stream_name": "ads"}]"#),
                    path if path.starts_with("/v4/sources/") => {
                        answer(200, r#"{"name": "adwords", "stitch_client_id": 116078}"#)
                    }
                    _ => {
                        self.1 += 1;
                        self.0.clone()
                    }
                })
            }
        }
        let completed_at = Timestamp::parse("2020-06-19T15:09:43Z").expect("a time");
        let runs: Vec<_> = [7, 8]
            .map(|source_id| {
                let run = Run::decode(&waiting(source_id).run, SourceId::new(source_id).expect("an id"));
                let extracted = Some(Extracted { started_at: None, completed_at, had_errors: None });
                WaitingRun { run: Run { extracted, ..run.expect("a run") }.encode(), ..waiting(source_id) }
            })
            .into();
        let mut http = Loading(page, 0);
        let results = poll_many(&mut http, &connection(), &runs);
        (http.1, results)
    }

    #[test]
    fn a_page_of_loads_is_read_once_for_all_runs_whatever_the_answer() {
        let loaded = json!({"data": [{"source_name": "adwords", "stream_name": "ads",
            "last_batch_loaded_at": "2020-06-19T15:10:00Z"}]});
        let (requests, results) = loading(&answer(200, &loaded.to_string()));
        assert_eq!(requests, 1);
        for result in results {
            let Ok(Progress::Finished(finished)) = result else { panic!("not finished: {result:?}") };
            assert_eq!(finished.verdict, Verdict::Succeeded);
        }
        let (requests, results) = loading(&answer(500, ""));
        assert_eq!(requests, 1);
        assert!(results.iter().all(|result| result.as_ref().is_err_and(|error| error.kind == ErrorKind::Unavailable)));
    }

    #[test]
    fn a_connection_that_is_wrong_is_each_runs_error() {
        let results = poll_many(&mut Account::with(0), &[], &[waiting(1), waiting(2)]);
        assert!(results.iter().all(|result| result.as_ref().is_err_and(|error| error.kind == ErrorKind::InvalidInput)));
        assert_eq!(results.len(), 2);
    }
}
