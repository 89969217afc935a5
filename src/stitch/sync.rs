//! `POST` and `DELETE /v4/sources/{source_id}/sync`: start a replication job, stop the one in progress.

use alloc::format;
use alloc::string::String;

use anyhow::{Result, bail};
use plugin_guest::error_body::ErrorBody;
use plugin_guest::json::{self, lenient};
use serde::Deserialize;

use super::api_profile::STITCH;
use super::id::SourceId;
use super::job_name::JobName;

/// The path of both.
pub fn path(source_id: SourceId) -> String {
    format!("/v4/sources/{source_id}/sync")
}

/// The result of starting a job.
#[derive(Debug, PartialEq, Eq)]
pub enum Started {
    /// It started this job.
    Job(JobName),
    /// It started nothing because a job of the source is running. The text is its message.
    AlreadyRunning(String),
}

#[derive(Deserialize)]
struct Answer {
    job_name: JobName,
}

impl Started {
    /// Parses an answer with status 200, which may also be a refusal.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let text = json::repaired(body);
        let value = json::value(&text)?;
        if json::at(value, &["job_name"]).is_some_and(|name| !lenient::is_null(name)) {
            return Ok(Self::Job(json::object::<Answer>(value)?.job_name));
        }
        let error = ErrorBody::from_json(&STITCH, value);
        match error.code.as_deref() {
            Some("already_running") => Ok(Self::AlreadyRunning(error.message.unwrap_or_default())),
            Some(code) => bail!("job_name is missing, and error.type is {code}, not already_running"),
            None => bail!("job_name is missing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;

    #[test]
    fn a_started_job_is_known_by_its_name() {
        let body = br#"{"job_name": "116078.120643.sync.c12fb0a7-7e4a-11e9-abdc-0edc2c318fba", "new": 1}"#;
        let job = JobName::new("116078.120643.sync.c12fb0a7-7e4a-11e9-abdc-0edc2c318fba".to_owned()).expect("a name");
        assert_eq!(Started::parse(body).expect("started"), Started::Job(job));
    }

    #[test]
    fn a_running_job_is_told_by_the_type_of_the_error() {
        let body = br#"{"error": {"type": "already_running", "message": "one already exists"}}"#;
        assert_eq!(Started::parse(body).expect("refused"), Started::AlreadyRunning("one already exists".to_owned()));
    }

    #[test]
    fn anything_else_names_what_is_missing() {
        for (body, problem) in [
            ("", "its body is empty"),
            ("{}", "job_name is missing"),
            ("null", "job_name is missing"),
            (r#"{"job_name": null}"#, "job_name is missing"),
            (r#"{"job_name": 7}"#, "job_name: not the name of a job: 7"),
            (r#"{"job_name": ""}"#, "job_name: not the name of a job: \"\""),
            (
                r#"{"error": {"type": "invalid_source", "message": "gone"}}"#,
                "job_name is missing, and error.type is invalid_source, not already_running",
            ),
        ] {
            assert_eq!(format!("{:#}", Started::parse(body.as_bytes()).expect_err(body)), problem);
        }
    }
}
