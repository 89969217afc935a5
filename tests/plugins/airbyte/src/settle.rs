//! `settle`: settles a trigger whose answer was lost.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use plugin_guest::ages::Ages;
use plugin_guest::already_running::OnAlreadyRunning;
use plugin_guest::contract::{NamedValue, Progress, TaskError, Verdict};
use plugin_guest::http::Http;
use plugin_guest::sent::{Attribution, Sent, outcome_unknown};
use plugin_guest::timestamp::Timestamp;

use crate::api::{Api, Started};
use crate::connection::ConnectionId;
use crate::door::Door;
use crate::job::{Job, JobType};
use crate::parameters::Parameters;
use crate::report::{progress, without_job};
use crate::run::Run;
use crate::trigger::{begun, refused, running};

/// Attributes the only sync created since the trigger to it, unless a schedule starts syncs too. If there is none,
/// starts one: Airbyte refuses a second job while one runs.
pub fn settle(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    ages_ms: &[u64],
) -> Result<Progress, TaskError> {
    let door = Door::parse(connection)?;
    let parameters = Parameters::parse(parameters)?;
    let ages = Ages::parse(ages_ms)?;
    let connection_id = parameters.connection_id;
    let mut api = door.open(http)?;
    let syncs = api.latest(connection_id, JobType::Sync)?;
    let Some(sent) = api.sent(ages) else {
        return Ok(unknown(parameters, "airbyte's answers tell no time"));
    };
    if let Some(doubt) = refresh(&mut api, connection_id, &sent)? {
        return Ok(unknown(parameters, &doubt));
    }
    // A full page may hide older syncs.
    let hides =
        syncs.is_full && syncs.rows.last().is_none_or(|(began, _)| attribution(&sent, *began) != Attribution::Older);
    let mut ours = syncs
        .rows
        .into_iter()
        .map(|(began, job)| (attribution(&sent, began), job))
        .filter(|(attribution, _)| *attribution != Attribution::Older);
    match (ours.next(), ours.next()) {
        (_, None) if hides => Ok(unknown(parameters, "airbyte lists too many syncs for one page to show them all")),
        (Some((attribution, job)), None) => claim(&mut api, &door, parameters, attribution, &job?),
        (Some(_), Some(_)) => Ok(unknown(parameters, "more than one began since it was triggered")),
        (None, _) => match api.start(connection_id)? {
            Started::Job(job) => Ok(begun(&door, connection_id, &job)),
            Started::Refused(refusal) => in_the_way(&mut api, &door, parameters, &sent, refusal),
        },
    }
}

/// The progress after Airbyte refused this start: because of the job of the original trigger, which arrived first, or
/// of another one.
fn in_the_way(
    api: &mut Api<'_>,
    door: &Door,
    parameters: Parameters,
    sent: &Sent,
    refusal: TaskError,
) -> Result<Progress, TaskError> {
    let running = running(api.latest(parameters.connection_id, JobType::Sync)?);
    if let Some(job) = &running
        && attribution(sent, job.started_at) != Attribution::Older
    {
        return claim(api, door, parameters, attribution(sent, job.started_at), job);
    }
    match refresh(api, parameters.connection_id, sent)? {
        Some(doubt) => Ok(unknown(parameters, &doubt)),
        None => refused(door, parameters, refusal, running.as_ref()),
    }
}

/// The attribution of a job by its creation; without a date it is unclear.
fn attribution(sent: &Sent, began: Option<Timestamp>) -> Attribution {
    began.map_or(Attribution::Unclear, |began| sent.attribution(began))
}

/// The reason for doubt if a refresh was created since the trigger: Airbyte may have turned the sync into it.
fn refresh(api: &mut Api<'_>, connection_id: ConnectionId, sent: &Sent) -> Result<Option<String>, TaskError> {
    let refreshes = api.latest(connection_id, JobType::Refresh)?;
    let newer = refreshes.rows.into_iter().find(|(began, _)| attribution(sent, *began) != Attribution::Older);
    Ok(newer.map(|(_, job)| match job {
        Ok(job) => format!("job {}, a refresh, may be what airbyte made of it", job.id),
        Err(_) => "a refresh may be what airbyte made of it".to_owned(),
    }))
}

/// Attributes a job to the trigger, unless its time or a schedule of Airbyte's own makes that doubtful.
fn claim(
    api: &mut Api<'_>,
    door: &Door,
    parameters: Parameters,
    attribution: Attribution,
    job: &Job,
) -> Result<Progress, TaskError> {
    let Parameters { connection_id, on_already_running, .. } = parameters;
    let attach = on_already_running == OnAlreadyRunning::Attach;
    let doubt = match attribution {
        Attribution::Ours if attach || api.connection(connection_id)?.manual => {
            // Without a schedule it is the trigger's own; the policy `attach` takes anyone's.
            let run = Run { connection_id, job_id: job.id, attached: attach };
            let event = "took the sync that runs for the one that was triggered";
            return Ok(progress(&door.base_url, &run, job, Some(event)));
        }
        Attribution::Ours => "began since it was triggered, and airbyte's own schedule may have started it",
        Attribution::Unclear | Attribution::Older => "began about when it was triggered",
        Attribution::Later => "began long after it was triggered",
    };
    Ok(unknown(parameters, &format!("job {} {doubt}", job.id)))
}

fn unknown(parameters: Parameters, reason: &str) -> Progress {
    without_job(parameters.connection_id, Verdict::Unknown, &outcome_unknown("a sync", reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::cancel;
    use crate::job::MOST_LISTED;
    use crate::scenario::{
        CANCEL, CONNECTION, ID, JOB, LATEST, OTHER, REFRESHES, START, connection, goes_on, job, listed, parameters,
        shown,
    };
    use alloc::borrow::ToOwned;
    use alloc::vec;
    use alloc::vec::Vec;
    use plugin_guest::contract::ErrorKind;
    use plugin_guest::http::{Answer, Request, SendError};
    use plugin_guest::json::{Value, json};
    use plugin_guest::scripted::{Scripted, answer, named};
    use plugin_tests::odd_json::odd_value;
    use proptest::prelude::*;

    const TAKEN: &str = "took the sync that runs for the one that was triggered";
    const BUSY: &str = r#"{"title": "try-again-later", "detail": "A job is already running"}"#;

    /// The list of these jobs at a time of the day.
    fn listed_at(time: &str, jobs: &[Value]) -> (&'static str, Answer) {
        (LATEST, Answer { date: Some(format!("Mon, 05 Jan 2026 {time} GMT")), ..listed(jobs) })
    }

    fn scheduled(schedule: &str) -> (&'static str, Answer) {
        (CONNECTION, shown("active", schedule))
    }

    /// An Airbyte without refreshes.
    struct WithoutRefreshes(Scripted);

    impl Http for WithoutRefreshes {
        fn send(&mut self, request: &Request<'_>) -> Result<Answer, SendError> {
            if request.path.contains("&jobType=refresh&") { Ok(listed(&[])) } else { self.0.send(request) }
        }
    }

    /// Settles a trigger that was sent `age_s` seconds ago.
    fn settled<const N: usize>(
        policy: &str,
        age_s: u64,
        exchanges: [(&str, Answer); N],
    ) -> Result<Progress, TaskError> {
        let mut http = WithoutRefreshes(Scripted::answering(exchanges));
        settle(&mut http, &connection(), &parameters(policy), &[age_s * 1000])
    }

    fn verdict(progress: Result<Progress, TaskError>) -> Verdict {
        let Ok(Progress::Finished(finished)) = progress else { panic!("it goes on: {progress:?}") };
        finished.verdict
    }

    /// The reason why the outcome is unknown.
    fn why_unknown(progress: Result<Progress, TaskError>) -> String {
        let Ok(Progress::Finished(finished)) = progress else { panic!("it goes on: {progress:?}") };
        assert_eq!(finished.verdict, Verdict::Unknown);
        let (_, reason) = finished.report.message.split_once("whether a sync was started is not known: ").expect("why");
        reason.to_owned()
    }

    #[test]
    fn a_sync_that_was_created_since_the_trigger_is_its_own_whether_it_runs_or_has_ended() {
        let runs = settled("fail", 31, [listed_at("10:00:30", &[job("running")]), scheduled("manual")]);
        assert_eq!(goes_on(runs.expect("progress")), TAKEN);
        let ended = settled("fail", 91, [listed_at("10:01:30", &[job("failed")]), scheduled("manual")]);
        assert_eq!(verdict(ended), Verdict::Failed);
    }

    #[test]
    fn what_is_taken_for_the_triggers_own_is_cancelled_and_what_the_policy_took_is_left_running() {
        let list = || listed_at("10:00:30", &[job("running")]);
        let own = settled("fail", 31, [list(), scheduled("manual")]).expect("progress");
        let taken = settled("attach", 31, [list()]).expect("progress");
        let cancelled = |progress: Progress, cancel_it: bool| {
            let Progress::Running(running) = progress else { panic!("it ended: {progress:?}") };
            let look = (JOB, answer(200, &job("running").to_string()));
            let mut http = if cancel_it {
                Scripted::answering([look, (CANCEL, answer(200, ""))])
            } else {
                Scripted::answering([look])
            };
            cancel(&mut http, &connection(), &parameters("attach"), &running.run)
        };
        assert_eq!(goes_on(cancelled(own, true).expect("cancelled")), "airbyte was asked to cancel the sync");
        assert_eq!(cancelled(taken, false).expect_err("left running").code, "attached");
    }

    #[test]
    fn where_airbyte_starts_syncs_by_itself_one_is_taken_only_to_attach_to_it() {
        let list = || listed_at("10:00:30", &[job("running")]);
        assert_eq!(
            why_unknown(settled("fail", 31, [list(), scheduled("cron")])),
            "job 7 began since it was triggered, and airbyte's own schedule may have started it"
        );
        assert_eq!(goes_on(settled("attach", 31, [list()]).expect("progress")), TAKEN);
    }

    #[test]
    fn a_sync_that_was_created_about_when_it_was_triggered_is_neither_claimed_nor_followed_by_another() {
        for status in ["running", "succeeded"] {
            let about = why_unknown(settled("fail", 55, [listed_at("10:01:00", &[job(status)])]));
            assert_eq!(about, "job 7 began about when it was triggered");
        }
        let mut undated = job("running");
        undated["startTime"] = json!("then");
        let about = why_unknown(settled("fail", 55, [listed_at("11:00:00", &[undated])]));
        assert_eq!(about, "job 7 began about when it was triggered");
    }

    #[test]
    fn an_application_is_dated_by_the_answer_with_its_token() {
        let date = Some("Mon, 05 Jan 2026 10:01:00 GMT".to_owned());
        let token = Answer { date, ..answer(200, r#"{"access_token": "fresh"}"#) };
        let ask =
            r#"POST /applications/token {"client_id":"me","client_secret":"hush","grant-type":"client_credentials"}"#;
        let late = listed_at("10:02:00", &[job("succeeded")]);
        let mut http = WithoutRefreshes(Scripted::answering([(ask, token), late, scheduled("manual")]));
        let application = [named("client_id", "me"), named("client_secret", "hush")];
        assert_eq!(verdict(settle(&mut http, &application, &parameters("fail"), &[60_000])), Verdict::Succeeded);
    }

    #[test]
    fn where_the_last_sync_is_older_the_trigger_is_sent_whatever_else_is_said_of_it() {
        let mut odd = job("strange");
        odd["jobId"] = json!("odd");
        for older in [job("succeeded"), odd] {
            let started = (START, answer(200, &job("running").to_string()));
            let progress = settled("fail", 60, [listed_at("10:05:00", &[older]), started]);
            assert_eq!(goes_on(progress.expect("progress")), "the sync was started");
        }
    }

    #[test]
    fn a_sync_that_may_be_ours_and_is_not_understood_starts_nothing() {
        let mut strange = job("running");
        strange["jobId"] = json!("seven");
        let error = settled("fail", 31, [listed_at("10:00:30", &[strange])]).expect_err("not understood");
        assert_eq!(error.kind, ErrorKind::NotUnderstood);
    }

    #[test]
    fn a_sync_is_taken_for_ours_whatever_word_its_status_is() {
        let exchanges = [listed_at("10:00:30", &[job("queued")]), scheduled("manual")];
        assert_eq!(goes_on(settled("fail", 31, exchanges).expect("progress")), TAKEN);
    }

    #[test]
    fn a_refresh_that_is_not_understood_leaves_it_open_too() {
        let odd = json!({"startTime": "2026-01-05T10:00:00Z", "jobId": "seven"});
        let page = listed(&[odd]);
        let mut http = Scripted::answering([listed_at("10:00:30", &[]), (REFRESHES, page)]);
        let progress = settle(&mut http, &connection(), &parameters("fail"), &[31_000]);
        assert!(why_unknown(progress).ends_with("a refresh may be what airbyte made of it"));
    }

    #[test]
    fn a_sync_that_was_created_long_after_the_trigger_hides_what_came_of_it() {
        let hidden = why_unknown(settled("fail", 3600, [listed_at("10:30:00", &[job("succeeded")])]));
        assert_eq!(hidden, "job 7 began long after it was triggered");
    }

    #[test]
    fn a_sync_that_settling_started_long_after_the_trigger_is_ours_and_one_in_between_is_not() {
        // The sync was created an hour after the trigger.
        let list = || listed_at("10:30:00", &[job("succeeded")]);
        let mut http = WithoutRefreshes(Scripted::answering([list(), scheduled("manual")]));
        let ours = settle(&mut http, &connection(), &parameters("fail"), &[5_430_000, 1_830_000]);
        assert_eq!(verdict(ours), Verdict::Succeeded);
        let mut http = WithoutRefreshes(Scripted::answering([list()]));
        let between = settle(&mut http, &connection(), &parameters("fail"), &[5_430_000, 1_790_000]);
        assert_eq!(why_unknown(between), "job 7 began long after it was triggered");
    }

    #[test]
    fn without_any_age_nothing_is_sent() {
        let error = settle(&mut Scripted::answering([]), &connection(), &parameters("fail"), &[]).expect_err("no age");
        assert_eq!(error.message, "ages-ms is empty: hand in how long ago the trigger was about to be sent");
    }

    #[test]
    fn an_older_sync_that_runs_is_not_taken_for_ours_but_handled_by_the_policy() {
        let exchanges = || {
            let list = || listed_at("10:05:00", &[job("running")]);
            [list(), (START, answer(409, BUSY)), list()]
        };
        assert_eq!(settled("fail", 60, exchanges()).expect_err("refused").code, "already_running");
        assert_eq!(verdict(settled("skip", 60, exchanges())), Verdict::Skipped);
        let attached = goes_on(settled("attach", 60, exchanges()).expect("progress"));
        assert_eq!(attached, "attached to the sync that is running already");
    }

    #[test]
    fn a_late_trigger_that_overtook_is_taken_for_ours() {
        let list = listed_at("10:00:30", &[job("running")]);
        let exchanges = [listed_at("09:59:59", &[]), (START, answer(409, BUSY)), list, scheduled("manual")];
        assert_eq!(goes_on(settled("fail", 5, exchanges).expect("progress")), TAKEN);
    }

    #[test]
    fn of_several_syncs_since_the_trigger_nobody_can_tell_which_is_ours() {
        let several = why_unknown(settled("fail", 100, [listed_at("10:01:30", &[job("running"), job("failed")])]));
        assert_eq!(several, "more than one began since it was triggered");
    }

    #[test]
    fn a_full_page_whose_last_sync_is_since_the_trigger_does_not_show_all_of_them() {
        let mut older = job("succeeded");
        older["startTime"] = json!("2026-01-05T09:00Z");
        let mut page = vec![older; MOST_LISTED];
        page[0] = job("succeeded");
        let last_is_older = settled("fail", 91, [listed_at("10:01:30", &page), scheduled("manual")]);
        assert_eq!(verdict(last_is_older), Verdict::Succeeded);
        page.reverse();
        let hidden = why_unknown(settled("fail", 91, [listed_at("10:01:30", &page)]));
        assert_eq!(hidden, "airbyte lists too many syncs for one page to show them all");
    }

    #[test]
    fn a_full_page_of_other_connections_hides_what_came_of_it() {
        let mut other = job("running");
        other["connectionId"] = json!(OTHER);
        let hidden = why_unknown(settled("fail", 91, [listed_at("10:01:30", &vec![other; MOST_LISTED])]));
        assert_eq!(hidden, "airbyte lists too many syncs for one page to show them all");
    }

    #[test]
    fn a_refresh_that_was_created_since_the_trigger_may_be_it() {
        let (none, refresh) = (|| listed_at("10:00:30", &[]), || (REFRESHES, listed(&[job("running")])));
        let doubt = "job 7, a refresh, may be what airbyte made of it";
        for syncs in [none(), listed_at("10:00:30", &[job("succeeded")])] {
            let mut http = Scripted::answering([syncs, refresh()]);
            assert_eq!(why_unknown(settle(&mut http, &connection(), &parameters("attach"), &[31_000])), doubt);
        }
        let overtaken = [none(), (REFRESHES, listed(&[])), (START, answer(409, BUSY)), none(), refresh()];
        let mut http = Scripted::answering(overtaken);
        assert_eq!(why_unknown(settle(&mut http, &connection(), &parameters("fail"), &[31_000])), doubt);
    }

    /// A list of these rows at 10:01:30.
    fn list_of(rows: &[Vec<u8>]) -> (&'static str, Answer) {
        let body = [&b"{\"data\":["[..], &rows.join(&b',')[..], b"]}"].concat();
        let (path, answer) = listed_at("10:01:30", &[]);
        (path, Answer { body, ..answer })
    }

    proptest! {
        #[test]
        fn whatever_is_in_the_rows_of_other_jobs_ours_is_found(
            texts in prop::collection::vec(odd_value(), 0..6),
            place in any::<prop::sample::Index>(),
        ) {
            let other = |text: &Vec<u8>, is_older: bool| {
                let (began, connection) = if is_older { ("09:00", ID) } else { ("10:00", OTHER) };
                let head = format!(
                    r#"{{"jobId":3,"startTime":"2026-01-05T{began}Z","connectionId":"{connection}","status":"failed","odd":"#
                );
                [head.as_bytes(), text, b"}"].concat()
            };
            let mut rows: Vec<_> = texts.iter().enumerate().map(|(place, text)| other(text, place % 2 == 0)).collect();
            rows.insert(place.index(rows.len() + 1), job("succeeded").to_string().into_bytes());
            prop_assert_eq!(verdict(settled("fail", 91, [list_of(&rows), scheduled("manual")])), Verdict::Succeeded);
            let overtaken = [listed_at("09:59:59", &[]), (START, answer(409, BUSY)), list_of(&rows)];
            prop_assert_eq!(settled("fail", 5, overtaken).expect_err("it runs no more").code, "already_running");
        }
    }

    #[test]
    fn without_airbytes_time_nothing_is_started() {
        let told = why_unknown(settled("fail", 0, [(LATEST, listed(&[]))]));
        assert_eq!(told, "airbyte's answers tell no time");
    }
}
