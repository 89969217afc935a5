//! `settle`: what became of a trigger whose answer nobody has.

use alloc::format;
use alloc::string::String;

use crate::connection::Connection;
use crate::parameters::Parameters;
use crate::poll::{client_id, conclude, find, superseded, untold};
use crate::report::of_run;
use crate::run::Run;
use crate::stitch::api::Api;
use crate::stitch::extraction::Extraction;
use crate::trigger::start;
use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::contract::{NamedValue, Progress, TaskError, Verdict};
use plugin_guest::http::Http;
use plugin_guest::report::finished;
use plugin_guest::sent::{self, Whose};

/// Looks for a job that completed since the trigger; where there is none, joins the one that runs or starts one. Whose the one
/// that runs is shows when it is listed: until then the run remembers when the trigger was sent.
///
/// Stitch itself refuses a second job while one runs, so whichever request of the two comes first is the only one that starts
/// a job.
pub fn settle(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    age_ms: u64,
) -> Result<Progress, TaskError> {
    let connection = Connection::parse(connection)?;
    let Parameters { source_id, wait_for, on_already_running } = Parameters::parse(parameters)?;
    let mut api = Api::new(&connection, http);
    let mut run = Run::new(source_id);
    let client_id = client_id(&mut api, &run)?;
    run.client_id = Some(client_id);
    let rows = find(&mut api, &mut run, client_id)?;
    let Some(sent) = api.sent(age_ms) else {
        let event = told_nothing("stitch's answers tell no time");
        return Ok(finished(Verdict::Unknown, of_run(&run, &connection, &event)));
    };
    let whose = |row: &Extraction| row.began().map_or(Whose::Unclear, |began| sent.whose(began.second));
    match rows.iter().map(|row| (row, whose(row))).find(|(_, whose)| *whose != Whose::Older) {
        Some((row, Whose::Ours)) => {
            run.job = Some(row.job_name.clone());
            Ok(conclude(&api, wait_for, run, row).into())
        }
        Some((row, Whose::Unclear)) => {
            let event = told_nothing(&format!("{} began about when it was triggered", row.job_name));
            Ok(untold(&run, &connection, ("possible_job", row), &event))
        }
        Some((later, _)) => Ok(superseded(&run, &connection, later)),
        None => {
            // By that policy the trigger itself would have attached to whichever job runs.
            let bound = Some(sent).filter(|_| on_already_running != OnAlreadyRunning::Attach);
            start(&mut api, source_id, OnAlreadyRunning::Attach, bound)
        }
    }
}

fn told_nothing(reason: &str) -> String {
    sent::untold("an extraction", reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::{connection, parameters, row};
    use alloc::borrow::ToOwned;
    use alloc::string::ToString;
    use alloc::vec::Vec;
    use plugin_guest::contract::ErrorKind;
    use plugin_guest::http::{Answer, SendError};
    use plugin_guest::scripted::{Scripted, answer, named};
    use serde_json::json;

    const PAGE: &str = "GET /v4/116078/extractions?page=1";
    const START: &str = "POST /v4/sources/7/sync";
    const STARTED: &str = r#"{"job_name": "116078.7.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d"}"#;
    const ALREADY: &str = r#"{"error": {"type": "already_running", "message": "one already exists"}}"#;
    /// Began at 15:09:38.
    const JOB: &str = "116078.7.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d";

    fn account() -> Vec<NamedValue> {
        [connection(), [named("client_id", 116_078)].into()].concat()
    }

    /// The page as Stitch shows it at a time of that day.
    fn listed_at(time: &str) -> Answer {
        let body = json!({"data": [row(JOB)], "page": 1, "total": 1, "links": {}}).to_string();
        Answer { date: Some(format!("Fri, 19 Jun 2020 {time} GMT")), ..answer(200, &body) }
    }

    fn settled(time: &str, age_s: u64, start: Option<&str>) -> Progress {
        let page = [(PAGE, listed_at(time))];
        let mut http = match start {
            None => Scripted::answering(page),
            Some(body) => Scripted::answering([page[0].clone(), (START, answer(200, body))]),
        };
        settle(&mut http, &account(), &parameters(), age_s * 1000).expect("progress")
    }

    #[test]
    fn a_job_that_began_since_the_trigger_and_completed_is_its_own() {
        for age in [3, 20, 123] {
            let Progress::Finished(finished) = settled("15:09:41", age, None) else { panic!("not finished") };
            assert_eq!(finished.verdict, Verdict::Succeeded, "{age}");
        }
    }

    #[test]
    fn where_the_last_job_is_older_the_trigger_is_sent() {
        let Progress::Running(running) = settled("15:10:41", 2, Some(STARTED)) else { panic!("not running") };
        assert_eq!(running.report.message, "source 7: the extraction has started");
    }

    #[test]
    fn a_job_that_began_about_when_it_was_triggered_is_neither_claimed_nor_followed_by_another() {
        for age in [0, 2] {
            let Progress::Finished(finished) = settled("15:09:41", age, None) else { panic!("not finished") };
            assert_eq!(finished.verdict, Verdict::Unknown);
            let about = format!(
                "source 7: whether an extraction was started is not known: {JOB} began about when it was triggered"
            );
            assert_eq!(finished.report.message, about);
        }
    }

    #[test]
    fn pages_that_took_long_do_not_make_the_trigger_younger() {
        let second = Answer { date: Some("Fri, 19 Jun 2020 15:10:41 GMT".to_owned()), ..listed_at("15:10:41") };
        let others: Vec<_> = (1_u64..=100).map(|id| row(&format!("116078.{}.sync.x", id % 6 + 1))).collect();
        let first = json!({"data": others, "page": 1, "total": 101, "links": {}}).to_string();
        let date = Some("Fri, 19 Jun 2020 15:09:41 GMT".to_owned());
        let mut http = Scripted::answering([
            (PAGE, Answer { date, ..answer(200, &first) }),
            ("GET /v4/116078/extractions?page=2", second),
        ]);
        let progress = settle(&mut http, &account(), &parameters(), 3_000).expect("progress");
        let Progress::Finished(finished) = progress else { panic!("not finished") };
        assert_eq!(finished.verdict, Verdict::Succeeded);
    }

    #[test]
    fn a_job_that_runs_is_joined_whatever_the_policy() {
        let Progress::Running(running) = settled("15:10:41", 2, Some(ALREADY)) else { panic!("not running") };
        assert_eq!(running.report.message, "source 7: attached to the extraction that is running already");
    }

    #[test]
    fn a_job_that_began_long_after_the_trigger_is_somebody_elses_and_hides_what_came_of_it() {
        let Progress::Finished(finished) = settled("15:20:00", 3600, None) else { panic!("not finished") };
        assert_eq!(finished.verdict, Verdict::Unknown);
        assert!(finished.report.message.contains("a later job, "), "{}", finished.report.message);
    }

    #[test]
    fn without_stitchs_time_nothing_is_started() {
        let mut http = Scripted::answering([(PAGE, Answer { date: None, ..listed_at("15:09:41") })]);
        let Ok(Progress::Finished(finished)) = settle(&mut http, &account(), &parameters(), 0) else {
            panic!("not finished")
        };
        assert_eq!(finished.verdict, Verdict::Unknown);
        assert_eq!(
            finished.report.message,
            "source 7: whether an extraction was started is not known: stitch's answers tell no time"
        );
    }

    #[test]
    fn an_age_beyond_all_time_is_no_panic() {
        let Progress::Finished(_) = settled("15:09:41", u64::MAX / 1000, None) else { panic!("not finished") };
    }

    #[test]
    fn a_list_that_does_not_come_starts_nothing() {
        let mut http = Scripted::new([(PAGE, Err(SendError::NoAnswer("it took too long".to_owned())))]);
        let error = settle(&mut http, &account(), &parameters(), 0).expect_err("an error");
        assert_eq!(error.kind, ErrorKind::Unavailable);
    }
}
