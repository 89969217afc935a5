//! `settle`: what became of a trigger whose answer nobody has.

use alloc::format;

use plugin_guest::contract::{NamedValue, Progress, TaskError, Verdict};
use plugin_guest::http::Http;
use plugin_guest::sent::Whose;

use crate::api::Started;
use crate::connection::ConnectionId;
use crate::door::Door;
use crate::job::{Job, Standing};
use crate::parameters::Parameters;
use crate::report::{progress, without_job};
use crate::run::Run;
use crate::trigger::{begun, refused};

/// Takes the one sync that was created since the trigger for ours. Where there is none, starts one: Airbyte itself refuses a
/// second job while one runs.
pub fn settle(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    age_ms: u64,
) -> Result<Progress, TaskError> {
    let door = Door::parse(connection)?;
    let parameters = Parameters::parse(parameters)?;
    let connection_id = parameters.connection_id;
    let mut api = door.open(http)?;
    let jobs = api.latest_jobs(connection_id)?;
    let unknown = |event| Ok(without_job(connection_id, Verdict::Unknown, event));
    let Some(sent) = api.sent(age_ms) else {
        return unknown("whether a sync was started is not known: airbyte's answers tell no time");
    };
    let whose = |job: &Job| job.started_at.map_or(Whose::Older, |began| sent.whose(began));
    let mut ours =
        jobs.iter().filter(|job| job.is_sync).map(|job| (job, whose(job))).filter(|(_, whose)| *whose != Whose::Older);
    match (ours.next(), ours.next()) {
        (Some((job, Whose::Ours)), None) => Ok(taken(&door, connection_id, job)),
        (Some((job, Whose::Unclear)), None) => unknown(&format!(
            "whether a sync was started is not known: job {} began about when it was triggered",
            job.id
        )),
        (Some(_), _) => unknown("whether a sync was started is not known: another one hides what came of it"),
        (None, _) => match api.start(connection_id)? {
            Started::Job(job) => Ok(begun(&door, connection_id, &job)),
            // A late trigger has overtaken this one, or what runs is older and not ours.
            Started::AlreadyRunning(refusal) => {
                let jobs = api.latest_jobs(connection_id)?;
                match jobs.iter().find(|job| job.standing == Standing::Running) {
                    Some(job) if job.is_sync && whose(job) != Whose::Older => Ok(taken(&door, connection_id, job)),
                    running => refused(&door, parameters, refusal, running),
                }
            }
        },
    }
}

/// The sync is taken for ours.
fn taken(door: &Door, connection_id: ConnectionId, job: &Job) -> Progress {
    let run = Run { connection_id, job_id: job.id, attached: true };
    progress(&door.base_url, &run, job, Some("took the sync that runs for the one that was triggered"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{LATEST, START, connection, goes_on, job, listed, parameters};
    use plugin_guest::http::Answer;
    use plugin_guest::scripted::{Scripted, answer, named};

    /// The jobs, of which one was created at 10:00:00, as they are shown at a time of that day.
    fn listed_at(time: &str, status: &str) -> Answer {
        Answer { date: Some(format!("Mon, 05 Jan 2026 {time} GMT")), ..listed(&[job(status)]) }
    }

    fn settled(time: &str, status: &str, age_s: u64, started: bool) -> Progress {
        let list = (LATEST, listed_at(time, status));
        let mut http = if started {
            Scripted::answering([list, (START, answer(200, &job("running").to_string()))])
        } else {
            Scripted::answering([list])
        };
        settle(&mut http, &connection(), &parameters("fail"), age_s * 1000).expect("progress")
    }

    #[test]
    fn a_sync_that_was_created_since_the_trigger_is_its_own_whether_it_runs_or_has_ended() {
        let event = goes_on(settled("10:00:30", "running", 31, false));
        assert_eq!(event, "took the sync that runs for the one that was triggered");
        let Progress::Finished(finished) = settled("10:01:30", "failed", 91, false) else { panic!("it goes on") };
        assert_eq!(finished.verdict, Verdict::Failed);
    }

    #[test]
    fn a_sync_that_was_created_about_when_it_was_triggered_is_neither_claimed_nor_followed_by_another() {
        for status in ["running", "succeeded"] {
            let Progress::Finished(finished) = settled("10:01:00", status, 55, false) else { panic!("it goes on") };
            assert_eq!(finished.verdict, Verdict::Unknown);
            let about = "whether a sync was started is not known: job 7 began about when it was triggered";
            assert!(finished.report.message.ends_with(about), "{}", finished.report.message);
        }
    }

    #[test]
    fn an_application_is_dated_by_the_answer_with_its_token() {
        let dated =
            |time: &str, answer: Answer| Answer { date: Some(format!("Mon, 05 Jan 2026 {time} GMT")), ..answer };
        let token = dated("10:01:00", answer(200, r#"{"access_token": "fresh"}"#));
        let ask = r#"POST /applications/token {"client_id":"me","client_secret":"hush"}"#;
        let mut http = Scripted::answering([(ask, token), (LATEST, listed_at("10:02:00", "succeeded"))]);
        let application = [named("client_id", "me"), named("client_secret", "hush")];
        let progress = settle(&mut http, &application, &parameters("fail"), 60_000).expect("progress");
        assert!(matches!(progress, Progress::Finished(finished) if finished.verdict == Verdict::Succeeded));
    }

    #[test]
    fn where_the_last_sync_is_older_the_trigger_is_sent() {
        assert_eq!(goes_on(settled("10:05:00", "succeeded", 60, true)), "the sync was started");
    }

    #[test]
    fn a_sync_that_was_created_long_after_the_trigger_hides_what_came_of_it() {
        let Progress::Finished(finished) = settled("10:30:00", "succeeded", 3600, false) else { panic!("it goes on") };
        assert_eq!(finished.verdict, Verdict::Unknown);
    }

    #[test]
    fn an_older_sync_that_runs_is_not_taken_for_ours_but_handled_by_the_policy() {
        for (policy, ended) in [("fail", None), ("skip", Some(Verdict::Skipped))] {
            let busy = || answer(409, r#"{"title": "try-again-later", "detail": "A job is already running"}"#);
            let list = || (LATEST, listed_at("10:05:00", "running"));
            let mut http = Scripted::answering([list(), (START, busy()), list()]);
            match (settle(&mut http, &connection(), &parameters(policy), 60_000), ended) {
                (Err(error), None) => assert_eq!(error.code, "already_running"),
                (Ok(Progress::Finished(finished)), Some(verdict)) => assert_eq!(finished.verdict, verdict),
                (other, _) => panic!("{policy}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_late_trigger_that_overtook_is_taken_for_ours() {
        let busy = answer(409, r#"{"title": "try-again-later"}"#);
        let none = Answer { date: Some("Mon, 05 Jan 2026 09:59:59 GMT".into()), ..listed(&[]) };
        let mut http = Scripted::answering([(LATEST, none), (START, busy), (LATEST, listed(&[job("running")]))]);
        let progress = settle(&mut http, &connection(), &parameters("fail"), 5_000).expect("progress");
        assert_eq!(goes_on(progress), "took the sync that runs for the one that was triggered");
    }

    #[test]
    fn of_several_syncs_since_the_trigger_nobody_can_tell_which_is_ours() {
        let date = Some("Mon, 05 Jan 2026 10:01:30 GMT".into());
        let both = Answer { date, ..listed(&[job("running"), job("failed")]) };
        let mut http = Scripted::answering([(LATEST, both)]);
        let Ok(Progress::Finished(finished)) = settle(&mut http, &connection(), &parameters("fail"), 100_000) else {
            panic!("it goes on")
        };
        assert_eq!(finished.verdict, Verdict::Unknown);
    }

    #[test]
    fn without_airbytes_time_nothing_is_started() {
        let mut http = Scripted::answering([(LATEST, Answer { date: None, ..listed(&[]) })]);
        let Ok(Progress::Finished(finished)) = settle(&mut http, &connection(), &parameters("fail"), 0) else {
            panic!("it goes on")
        };
        assert_eq!(finished.verdict, Verdict::Unknown);
        assert!(finished.report.message.ends_with("airbyte's answers tell no time"));
    }
}
