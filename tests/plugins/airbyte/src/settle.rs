//! `settle`: what became of a trigger whose answer nobody has.

use plugin_guest::contract::{NamedValue, Progress, TaskError, Verdict};
use plugin_guest::http::Http;
use plugin_guest::timestamp::Timestamp;

use crate::api::{Api, Started};
use crate::connection::ConnectionId;
use crate::door::Door;
use crate::job::{Job, Standing};
use crate::parameters::Parameters;
use crate::report::{progress, without_job};
use crate::run::Run;
use crate::trigger::{begun, refused};

/// How long after a trigger was about to be sent its job is created at the latest, in seconds: a host gives a call a minute,
/// and Airbyte one more to create the job. A sync that was created later was started by somebody else.
const LATEST_START: i64 = 120;

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
    let credential = door.credential(http)?;
    let mut api = Api::new(&door.base_url, &credential, http);
    let jobs = api.latest_jobs(connection_id)?;
    let unknown = |event| Ok(without_job(connection_id, Verdict::Unknown, event));
    let Some(now) = api.now() else {
        return unknown("whether a sync was started is not known: airbyte's answers tell no time");
    };
    // Rounded to the side on which a sync is rather taken for ours than started twice.
    let age = i64::try_from(age_ms.div_ceil(1000)).unwrap_or(i64::MAX);
    let sent = Timestamp::from_seconds(now.seconds().saturating_sub(age));
    let since = |job: &Job| job.started_at.map(|at| at.seconds() - sent.seconds()).filter(|since| *since >= 0);
    let mut ours = jobs.iter().filter(|job| job.is_sync).filter_map(|job| Some((job, since(job)?)));
    match (ours.next(), ours.next()) {
        (Some((job, ..=LATEST_START)), None) => Ok(taken(&door, connection_id, job)),
        (Some(_), _) => unknown("whether a sync was started is not known: another one hides what came of it"),
        (None, _) => match api.start(connection_id)? {
            Started::Job(job) => Ok(begun(&door, connection_id, &job)),
            // A late trigger has overtaken this one, or what runs is older and not ours.
            Started::AlreadyRunning(refusal) => {
                let jobs = api.latest_jobs(connection_id)?;
                match jobs.iter().find(|job| job.standing == Standing::Running) {
                    Some(job) if job.is_sync && since(job).is_some() => Ok(taken(&door, connection_id, job)),
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
    use alloc::format;
    use plugin_guest::http::Answer;
    use plugin_guest::scripted::{Scripted, answer};

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
