//! `settle`: settles a trigger whose answer was lost.

use alloc::format;
use alloc::string::String;

use crate::connection::Connection;
use crate::parameters::{OnNotRunning, Parameters};
use crate::poll::{conclude, find, outcome_unknown, superseded};
use crate::report::of_run;
use crate::run::Run;
use crate::stitch::api::Api;
use crate::stitch::extraction::Extraction;
use crate::trigger::{await_next, start};
use plugin_guest::ages::Ages;
use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::contract::{NamedValue, Progress, TaskError, Verdict};
use plugin_guest::http::Http;
use plugin_guest::report::finished;
use plugin_guest::sent::{self, Attribution};
use plugin_guest::task_error::ALREADY_RUNNING;

/// Looks for a job that completed since the trigger; if there is none, attaches to the running one or starts one. A
/// running job is attributed once it is listed: until then the run stores when the trigger and the calls that settled
/// it were sent.
///
/// Stitch refuses a second job while one runs, so only the first of the two requests starts one. A job is attributed to
/// the trigger only if the source is paused, since then Stitch's schedule starts none; the policy `attach` takes any
/// job, as the trigger itself would have. A trigger that only waits has started nothing: it waits on, from when it was made.
pub fn settle(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    ages_ms: &[u64],
) -> Result<Progress, TaskError> {
    let connection = Connection::parse(connection)?;
    let Parameters { source_id, wait_for, on_already_running, on_not_running, .. } = Parameters::parse(parameters)?;
    let ages = Ages::parse(ages_ms)?;
    let mut api = Api::new(&connection, http);
    if on_not_running == OnNotRunning::Wait {
        return await_next(&mut api, source_id, Some(ages));
    }
    let mut run = Run::new(source_id);
    let source = api.source(source_id)?;
    run.client_id = Some(source.stitch_client_id);
    run.named(&source);
    let rows = find(&mut api, &mut run, source.stitch_client_id)?;
    let Some(sent) = api.sent(ages) else {
        let event = told_nothing("stitch's answers tell no time");
        return Ok(finished(Verdict::Unknown, of_run(&run, &connection, &event)));
    };
    let attaches = on_already_running == OnAlreadyRunning::Attach;
    let claims = attaches || source.paused_at.is_some();
    let attribution =
        |row: &Extraction| row.began().map_or(Attribution::Unclear, |began| sent.attribution(began.second));
    let unknown = |row: &Extraction, reason: &str| {
        let event = told_nothing(&format!("{} {reason}", row.job_name));
        Ok(outcome_unknown(&run, &connection, ("possible_job", row), &event))
    };
    match rows.iter().map(|row| (row, attribution(row))).find(|(_, attribution)| *attribution != Attribution::Older) {
        Some((row, Attribution::Ours)) if claims => {
            run.job = Some(row.job_name.clone());
            Ok(conclude(&api, wait_for, run, row)?.progress(api.spent()))
        }
        Some((row, Attribution::Ours)) => unknown(row, &format!("began since it was triggered{SCHEDULED}")),
        Some((row, Attribution::Unclear)) => unknown(row, "began about when it was triggered"),
        Some((later, _)) => Ok(superseded(&run, &connection, later)),
        None if claims => start(&mut api, source_id, OnAlreadyRunning::Attach, Some(sent).filter(|_| !attaches)),
        None => match start(&mut api, source_id, OnAlreadyRunning::Fail, None) {
            Err(error) if error.code == ALREADY_RUNNING => {
                let event = told_nothing(&format!("one is running{SCHEDULED}"));
                Ok(finished(Verdict::Unknown, of_run(&run, &connection, &event)))
            }
            started => started,
        },
    }
}

/// The reason why a job that fits is not claimed.
const SCHEDULED: &str = ", and stitch's own schedule may have started it: only of a source that is paused can one tell";

fn told_nothing(reason: &str) -> String {
    sent::outcome_unknown("an extraction", reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::{connection, parameters, row};
    use crate::stitch::id::SourceId;
    use alloc::borrow::ToOwned;
    use alloc::string::ToString;
    use alloc::vec::Vec;
    use plugin_guest::contract::ErrorKind;
    use plugin_guest::http::{Answer, SendError};
    use plugin_guest::scripted::{Scripted, answer, named};
    use plugin_guest::sent::Sent;
    use plugin_guest::timestamp::Timestamp;
    use serde_json::json;

    const SOURCE: &str = "GET /v4/sources/7";
    const PAGE: &str = "GET /v4/116078/extractions?page=1";
    const START: &str = "POST /v4/sources/7/sync";
    const STARTED: &str = r#"{"job_name": "116078.7.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d"}"#;
    const ALREADY: &str = r#"{"error": {"type": "already_running", "message": "one already exists"}}"#;
    /// Began at 15:09:38.
    const JOB: &str = "116078.7.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d";

    fn with(policy: &str) -> Vec<NamedValue> {
        [parameters(), [named("on_already_running", policy)].into()].concat()
    }

    /// The source as Stitch shows it at a time of that day.
    fn source_at(time: &str, paused: bool) -> Answer {
        let paused_at = paused.then_some("2020-01-01T00:00:00Z");
        let body = json!({"name": "crm", "stitch_client_id": 116_078, "paused_at": paused_at}).to_string();
        Answer { date: Some(format!("Fri, 19 Jun 2020 {time} GMT")), ..answer(200, &body) }
    }

    fn listed() -> Answer {
        answer(200, &json!({"data": [row(JOB)], "page": 1, "total": 1, "links": {}}).to_string())
    }

    fn settled_by(parameters: &[NamedValue], source: Answer, age_s: u64, start: Option<&str>) -> Progress {
        let look = [(SOURCE, source), (PAGE, listed())];
        let mut http = match (look, start) {
            (look, None) => Scripted::answering(look),
            ([source, page], Some(body)) => Scripted::answering([source, page, (START, answer(200, body))]),
        };
        settle(&mut http, &connection(), parameters, &[age_s * 1000]).expect("progress")
    }

    fn settled(time: &str, age_s: u64, start: Option<&str>) -> Progress {
        settled_by(&parameters(), source_at(time, true), age_s, start)
    }

    fn unknown(progress: Progress) -> String {
        let Progress::Finished(finished) = progress else { panic!("not finished") };
        assert_eq!(finished.verdict, Verdict::Unknown);
        finished.report.message
    }

    #[test]
    fn a_job_that_began_since_the_trigger_and_completed_is_its_own() {
        for age in [3, 20, 123] {
            let Progress::Finished(finished) = settled("15:09:41", age, None) else { panic!("not finished") };
            assert_eq!(finished.verdict, Verdict::Succeeded, "{age}");
        }
    }

    #[test]
    fn a_job_that_settling_started_long_after_the_trigger_is_its_own_too() {
        for (ages, verdict) in [(&[3_600_000, 20_000][..], Verdict::Succeeded), (&[3_600_000], Verdict::Unknown)] {
            let mut http = Scripted::answering([(SOURCE, source_at("15:09:41", true)), (PAGE, listed())]);
            let progress = settle(&mut http, &connection(), &parameters(), ages).expect("progress");
            let Progress::Finished(finished) = progress else { panic!("not finished") };
            assert_eq!(finished.verdict, verdict, "{ages:?}");
        }
    }

    #[test]
    fn a_trigger_that_only_waits_has_started_nothing_and_waits_on_from_when_it_was_made() {
        let parameters = [parameters(), [named("on_not_running", "wait")].into()].concat();
        for (date, since) in [(Some("15:10:40"), Timestamp::parse("2020-06-19T15:09:39Z")), (None, None)] {
            let source =
                Answer { date: date.and_then(|time| source_at(time, false).date), ..source_at("15:10:40", false) };
            let mut http = Scripted::answering([(SOURCE, source)]);
            let settled = settle(&mut http, &connection(), &parameters, &[60_000, 2_000]);
            let Ok(Progress::Running(running)) = settled else { panic!("not running") };
            let run = Run::decode(&running.run, SourceId::new(7).expect("an id")).expect("a run");
            assert_eq!((run.awaits_next, run.since), (true, since));
        }
    }

    #[test]
    fn without_any_age_nothing_is_sent() {
        let error = settle(&mut Scripted::answering([]), &connection(), &parameters(), &[]).expect_err("no age");
        assert_eq!(error.kind, ErrorKind::InvalidInput);
        assert_eq!(error.message, "ages-ms is empty: hand in how long ago the trigger was about to be sent");
    }

    #[test]
    fn where_the_last_job_is_older_the_trigger_is_sent() {
        let Progress::Running(running) = settled("15:10:41", 2, Some(STARTED)) else { panic!("not running") };
        assert_eq!(running.report.message, "source 7: the extraction has started");
    }

    #[test]
    fn of_a_source_that_is_not_paused_a_job_is_claimed_only_to_attach_to_it() {
        let schedule = "and stitch's own schedule may have started it: only of a source that is paused can one tell";
        let not_paused = || source_at("15:09:41", false);
        for (policy, completed) in [("fail", None), ("skip", None), ("attach", Some(Verdict::Succeeded))] {
            let progress = settled_by(&with(policy), not_paused(), 20, None);
            let Progress::Finished(finished) = progress else { panic!("not finished") };
            assert_eq!(finished.verdict, completed.unwrap_or(Verdict::Unknown), "{policy}");
            if completed.is_none() {
                let reason = format!("{JOB} began since it was triggered, {schedule}");
                let message = format!("source 7 (crm): whether an extraction was started is not known: {reason}");
                assert_eq!(finished.report.message, message);
            }
        }
        let not_paused = || source_at("15:10:41", false);
        for policy in ["fail", "skip"] {
            let message = unknown(settled_by(&with(policy), not_paused(), 2, Some(ALREADY)));
            assert!(message.ends_with(&format!(" is not known: one is running, {schedule}")), "{message}");
        }
        for (policy, body) in [("fail", STARTED), ("attach", ALREADY)] {
            let progress = settled_by(&with(policy), not_paused(), 2, Some(body));
            assert!(matches!(progress, Progress::Running(_)), "{policy}");
        }
    }

    #[test]
    fn a_trigger_that_stitch_refuses_is_an_error() {
        let look = [(SOURCE, source_at("15:10:41", false)), (PAGE, listed()), (START, answer(401, ""))];
        let mut http = Scripted::answering(look);
        let error = settle(&mut http, &connection(), &parameters(), &[2_000]).expect_err("an error");
        assert_eq!(error.kind, ErrorKind::Unauthorized);
    }

    #[test]
    fn a_job_that_began_about_when_it_was_triggered_is_neither_claimed_nor_followed_by_another() {
        for age in [0, 2] {
            let about = format!(
                "source 7 (crm): whether an extraction was started is not known: {JOB} began about when it was triggered"
            );
            assert_eq!(unknown(settled("15:09:41", age, None)), about);
        }
    }

    #[test]
    fn a_job_that_runs_is_joined_whatever_the_policy() {
        let Progress::Running(running) = settled("15:10:41", 2, Some(ALREADY)) else { panic!("not running") };
        assert_eq!(running.report.message, "source 7: attached to the extraction that is running already");
    }

    #[test]
    fn a_job_that_is_joined_must_turn_out_to_be_of_the_trigger_unless_the_policy_is_to_attach() {
        let moment = Timestamp::parse("2020-06-19T15:10:39Z");
        for (policy, sent) in [("fail", moment), ("skip", moment), ("attach", None)] {
            let progress = settled_by(&with(policy), source_at("15:10:41", true), 2, Some(ALREADY));
            let Progress::Running(running) = progress else { panic!("not running") };
            let run = Run::decode(&running.run, SourceId::new(7).expect("an id")).expect("a run");
            assert_eq!(run.sent, sent.map(|moment| Sent::at(moment, [])), "{policy}");
        }
    }

    #[test]
    fn a_run_that_is_joined_remembers_when_settling_may_have_started_it() {
        let look = [(SOURCE, source_at("15:10:41", true)), (PAGE, listed()), (START, answer(200, ALREADY))];
        let settled = settle(&mut Scripted::answering(look), &connection(), &parameters(), &[50_000, 2_000]);
        let Ok(Progress::Running(running)) = settled else { panic!("not running") };
        let run = Run::decode(&running.run, SourceId::new(7).expect("an id")).expect("a run");
        let moment = |time: &str| Timestamp::parse(&format!("2020-06-19T{time}Z")).expect("a time");
        assert_eq!(run.sent, Some(Sent::at(moment("15:09:51"), [moment("15:10:39")])));
    }

    #[test]
    fn a_job_that_began_long_after_the_trigger_is_somebody_elses_and_hides_what_came_of_it() {
        let message = unknown(settled("15:20:00", 3600, None));
        assert!(message.contains("a later job, "), "{message}");
    }

    #[test]
    fn where_the_first_answer_tells_no_time_nothing_is_started() {
        let dateless = Answer { date: None, ..source_at("15:09:41", true) };
        let message = unknown(settled_by(&parameters(), dateless, 0, None));
        let expected = "source 7 (crm): whether an extraction was started is not known: stitch's answers tell no time";
        assert_eq!(message, expected);
    }

    #[test]
    fn an_age_beyond_all_time_is_no_panic() {
        let Progress::Finished(_) = settled("15:09:41", u64::MAX / 1000, None) else { panic!("not finished") };
    }

    #[test]
    fn a_list_that_does_not_come_starts_nothing() {
        let lost = Err(SendError::NoAnswer("it took too long".to_owned()));
        let mut http = Scripted::new([(SOURCE, Ok(source_at("15:09:41", true))), (PAGE, lost)]);
        let error = settle(&mut http, &connection(), &parameters(), &[0]).expect_err("an error");
        assert_eq!(error.kind, ErrorKind::Unavailable);
    }
}
