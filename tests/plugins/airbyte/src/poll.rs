//! `poll`: the state of a run.

use plugin_guest::contract::{NamedValue, Progress, TaskError};
use plugin_guest::http::Http;

use crate::door::Door;
use crate::parameters::Parameters;
use crate::report::progress;
use crate::run::Run;

/// Polls the job. Only reads.
pub fn poll(
    http: &mut dyn Http,
    connection: &[NamedValue],
    parameters: &[NamedValue],
    run: &str,
) -> Result<Progress, TaskError> {
    let door = Door::parse(connection)?;
    let run = Run::decode(run, Parameters::parse(parameters)?.connection_id)?;
    let job = door.open(http)?.job(&run)?;
    Ok(progress(&door.base_url, &run, &job, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{JOB, connection, goes_on, job, parameters, run};
    use alloc::vec::Vec;
    use plugin_guest::contract::{ErrorKind, Value, Verdict};
    use plugin_guest::http::Answer;
    use plugin_guest::scripted::{Scripted, answer};
    use plugin_tests::odd_json::odd_value;
    use proptest::prelude::*;

    fn polled(status: u16, body: &str) -> Result<Progress, TaskError> {
        poll(&mut Scripted::answering([(JOB, answer(status, body))]), &connection(), &parameters("fail"), &run())
    }

    #[test]
    fn an_attempt_that_failed_is_no_end() {
        for (status, event) in [
            ("pending", "the sync waits for a place"),
            ("running", "the sync is running"),
            ("incomplete", "an attempt failed, and airbyte tries again"),
        ] {
            assert_eq!(goes_on(polled(200, &job(status).to_string()).expect("progress")), event);
        }
    }

    #[test]
    fn each_end_is_its_verdict_with_its_times_and_counts() {
        for (status, verdict) in
            [("succeeded", Verdict::Succeeded), ("failed", Verdict::Failed), ("cancelled", Verdict::Cancelled)]
        {
            let Ok(Progress::Finished(finished)) = polled(200, &job(status).to_string()) else { panic!("it goes on") };
            assert_eq!(finished.verdict, verdict);
            assert_eq!(finished.report.completed_at.as_deref(), Some("2026-01-05T10:01:00Z"));
            let names: Vec<_> = finished.report.metadata.iter().map(|value| value.name.as_str()).collect();
            let expected = ["connection_id", "job_id", "job_status", "bytes_synced", "rows_synced", "duration_s"];
            assert_eq!(names, expected);
            assert_eq!(finished.report.metadata[5].value, Value::Integer(60));
        }
    }

    #[test]
    fn a_job_that_was_not_asked_for_is_not_understood() {
        let error = polled(200, &job("succeeded").to_string().replace(r#""jobId":7"#, r#""jobId":8"#));
        let error = error.expect_err("another job");
        assert_eq!(error.kind, ErrorKind::NotUnderstood);
        assert_eq!(error.message, "airbyte's answer was not understood: jobId is 8, not 7");
    }

    #[test]
    fn a_status_that_nobody_documents_is_not_understood() {
        let error = polled(200, &job("done").to_string()).expect_err("not understood");
        assert_eq!(error.kind, ErrorKind::NotUnderstood);
    }

    /// A job with these bytes as the value of a field that is only shown to people.
    fn job_with(status: &str, name: &str, value: &[u8]) -> Vec<u8> {
        let mut known = job(status);
        known[name] = "the place".into();
        let text = known.to_string();
        let (before, after) = text.split_once(r#""the place""#).expect("a place");
        [before.as_bytes(), value, after.as_bytes()].concat()
    }

    proptest! {
        #[test]
        fn whatever_stands_in_what_is_there_for_people_alone_the_verdict_comes_out(
            name in prop::sample::select(NAMES.to_vec()),
            value in odd_value(),
            is_marked in any::<bool>(),
        ) {
            let mark = if is_marked { "\u{feff}" } else { "" };
            for (status, verdict) in [("succeeded", Verdict::Succeeded), ("failed", Verdict::Failed)] {
                let body = [mark.as_bytes(), &job_with(status, name, &value)].concat();
                let mut http = Scripted::answering([(JOB, Answer { body, ..answer(200, "") })]);
                let polled = poll(&mut http, &connection(), &parameters("fail"), &run());
                let Ok(Progress::Finished(finished)) = polled else { panic!("no end: {polled:?}") };
                prop_assert_eq!(finished.verdict, verdict);
            }
        }
    }

    /// The fields of a job that are only shown to people.
    const NAMES: [&str; 7] =
        ["startTime", "lastUpdatedAt", "duration", "bytesSynced", "rowsSynced", "jobType", "of its own"];

    #[test]
    fn a_401_is_told_in_airbytes_words() {
        let body = r#"{"title": "invalid-access-token", "detail": "The access token provided is not valid"}"#;
        let error = polled(401, body).expect_err("unauthorized");
        assert_eq!(error.message, "The access token provided is not valid");
    }
}
