//! `settle`: finds out what became of a trigger whose answer was lost.

use plugin_guest::ages::Ages;
use plugin_guest::anyhow::Context;
use plugin_guest::contract::{ErrorKind, NamedValue, Progress, Report, TaskError, Verdict};
use plugin_guest::http::Http;
use plugin_guest::json::{self, RawValue, lenient};
use plugin_guest::report::{finished, integer};
use plugin_guest::sent::{Attribution, outcome_unknown};
use plugin_guest::task_error::ALREADY_RUNNING;
use plugin_guest::timestamp::Timestamp;
use serde::Deserialize;

use crate::account::Account;
use crate::job::job_id;
use crate::run::Run;
use crate::trigger::start;

/// How many runs Acme lists at most.
const MOST_LISTED: usize = 20;

/// Takes the only run that was created since the trigger for its own: Acme has no schedule that could
/// have started it. A plugin for a tool that has one answers `unknown`, unless the tool says that it is
/// off. Where there is no run, starts one: Acme refuses a second run of a job while one goes on, so a
/// trigger that arrives late starts nothing beside it.
pub fn settle(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    ages_ms: &[u64],
) -> Result<Progress, TaskError> {
    let account = Account::parse(connection)?;
    let job = job_id(parameters)?;
    let ages = Ages::parse(ages_ms)?;
    let mut client = account.client(http);
    let answer = client.get(format!("/jobs/{job}/runs?newest={MOST_LISTED}"))?;
    let listed: Listed = client.understood(json::read(&answer.body), &answer)?;
    // The times of the calls by Acme's own clock: this machine's may be wrong.
    let Some(sent) = client.sent(ages) else {
        return Ok(unknown(job, "acme's answers tell no time"));
    };
    let rows: Vec<_> = client.understood(
        listed.runs.iter().map(|row| Created::read(row)).collect(),
        &answer,
    )?;
    let hides_some = rows.len() >= MOST_LISTED;
    // It was in the way of the trigger, too, which then started nothing.
    let is_older_in_the_way = rows
        .iter()
        .any(|row| json::object::<Run>(row.shown).is_ok_and(|run| run.goes_on()));
    let attributed = rows.into_iter().map(|row| (sent.attribution(row.at), row));
    let since: Vec<_> = attributed
        .filter(|(attribution, _)| *attribution != Attribution::Older)
        .collect();
    match &since[..] {
        _ if hides_some && since.len() >= MOST_LISTED => {
            Ok(unknown(job, "acme lists too few runs to show them all"))
        }
        [(Attribution::Ours, row)] => {
            let run: Run = client.understood(json::object(row.shown), &answer)?;
            Ok(run.progress(job))
        }
        [_] => Ok(unknown(
            job,
            "a run was created at about that time, and may be somebody else's",
        )),
        [] => start(&mut client, job).map_err(|error| match error.code.as_str() {
            // The trigger arrived after the look, or somebody else's run did: the next look shows it.
            ALREADY_RUNNING if !is_older_in_the_way => TaskError {
                kind: ErrorKind::Unavailable,
                ..error
            },
            _ => error,
        }),
        _ => Ok(unknown(
            job,
            "more than one run was created since it was triggered",
        )),
    }
}

fn unknown(job: u64, reason: &str) -> Progress {
    let report = Report {
        message: format!("job {job}: {}", outcome_unknown("a run", reason)),
        steps: Vec::new(),
        started_at: None,
        completed_at: None,
        metadata: vec![integer("job_id", job)],
        links: Vec::new(),
    };
    finished(Verdict::Unknown, report)
}

/// The runs of a job, the newest first, as raw rows: only the one that matters is understood whole.
#[derive(Deserialize)]
struct Listed {
    runs: Vec<Box<RawValue>>,
}

/// When a listed run was created.
struct Created<'a> {
    at: Timestamp,
    shown: &'a RawValue,
}

impl<'a> Created<'a> {
    fn read(shown: &'a RawValue) -> json::Result<Self> {
        #[derive(Deserialize)]
        struct Row {
            #[serde(default, deserialize_with = "lenient::time_field")]
            created_at: Option<Timestamp>,
        }
        let Row { created_at } = json::object(shown)?;
        Ok(Self {
            at: created_at.context("created_at is missing")?,
            shown,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_guest::http::Answer;
    use plugin_guest::scripted::{Scripted, answer, named};

    const LIST: &str = "GET /jobs/5/runs?newest=20";

    /// Settles a trigger of a minute ago by this list, which Acme shows at 10:01:00.
    fn settled<const N: usize>(
        runs: &str,
        then: [(&str, Answer); N],
    ) -> Result<Progress, TaskError> {
        let list = Answer {
            date: Some("Mon, 05 Jan 2026 10:01:00 GMT".to_owned()),
            ..answer(200, &format!(r#"{{"runs": [{runs}]}}"#))
        };
        let mut http = Scripted::answering([(LIST, list)].into_iter().chain(then));
        settle(
            &mut http,
            &[named("token", "hush")],
            &[named("job_id", 5)],
            &[60_000],
        )
    }

    fn verdict(progress: Result<Progress, TaskError>) -> Verdict {
        let Ok(Progress::Finished(end)) = progress else {
            panic!("{progress:?}")
        };
        end.verdict
    }

    #[test]
    fn the_only_run_since_the_trigger_is_its_own_and_an_older_one_is_not() {
        let ours = r#"{"id": 7, "state": "failed", "created_at": "2026-01-05T10:00:01Z"}"#;
        let older = r#"{"id": 6, "state": "succeeded", "created_at": "2026-01-05T09:00:00Z"}"#;
        assert_eq!(
            verdict(settled(&format!("{ours}, {older}"), [])),
            Verdict::Failed
        );
        let started = settled(older, [("POST /jobs/5/runs", answer(201, r#"{"id": 8}"#))]);
        assert!(matches!(started, Ok(Progress::Running(_))), "{started:?}");
    }

    #[test]
    fn two_runs_since_the_trigger_are_told_from_each_other_by_nobody() {
        let run = r#"{"id": 7, "state": "failed", "created_at": "2026-01-05T10:00:01Z"}"#;
        assert_eq!(
            verdict(settled(&format!("{run}, {run}"), [])),
            Verdict::Unknown
        );
    }

    #[test]
    fn a_run_of_before_the_trigger_that_is_in_the_way_still_was_in_its_way_too() {
        let older = r#"{"id": 6, "state": "running", "created_at": "2026-01-05T09:00:00Z"}"#;
        let refusal = r#"{"code": "already_running", "message": "run 6 goes on"}"#;
        let refused = settled(older, [("POST /jobs/5/runs", answer(409, refusal))]);
        assert_eq!(refused.expect_err("refused").kind, ErrorKind::Rejected);
    }

    #[test]
    fn a_run_in_the_way_is_looked_at_by_the_next_settle() {
        let refusal = r#"{"code": "already_running", "message": "run 7 goes on"}"#;
        let error =
            settled("", [("POST /jobs/5/runs", answer(409, refusal))]).expect_err("in the way");
        assert_eq!(
            (error.kind, error.may_have_started),
            (ErrorKind::Unavailable, false)
        );
    }
}
