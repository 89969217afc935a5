//! A replication job's extraction: one row of the list of the last extractions.

use alloc::borrow::ToOwned;
use alloc::string::String;

use anyhow::{Result, bail};
use serde_json::Value;

use super::id::SourceId;
use super::job_name::{Began, JobName};
use plugin_guest::json;
use plugin_guest::timestamp::Timestamp;

/// What Stitch says of an extraction.
#[derive(Clone, Debug)]
pub struct Extraction {
    /// The job.
    pub job_name: JobName,
    /// The kind of source, such as `tap-recurly`. The documentation has two names for it.
    pub source_type: Option<String>,
    /// When it began.
    pub start_time: Option<Timestamp>,
    /// When it ended; none while it runs.
    pub completion_time: Option<Timestamp>,
    /// Its phases in the order in which Stitch takes them.
    pub phases: [Phase; 3],
}

/// One of an extraction's three phases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Discovery, tap or target.
    pub name: &'static str,
    /// None while it runs or if it never ran, 0 if it succeeded, anything else if it failed.
    pub exit_status: Option<i64>,
    /// The raw message of a phase that failed or was terminated.
    pub description: Option<String>,
}

impl Phase {
    /// A status must be there: one that is missing is neither running nor terminated.
    fn parse(row: &Value, name: &'static str, status: &str, description: &str) -> Result<Self> {
        if row.get(status).is_none() {
            bail!("{status} is missing");
        }
        let exit_status = json::optional(row, status, "a whole number", Value::as_i64)?;
        Ok(Self { name, exit_status, description: json::text(&row[description]) })
    }

    /// Whether it failed: any status but 0.
    pub fn failed(&self) -> bool {
        self.exit_status.is_some_and(|status| status != 0)
    }
}

/// How an extraction stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It goes on.
    Running,
    /// All three phases succeeded.
    Succeeded,
    /// A phase failed, and this is the first that did.
    Failed(Phase),
    /// Stitch ended it before its end. The text is what it says of that.
    Terminated(Option<String>),
}

impl Extraction {
    /// The source of a row, where it tells: the one thing that rows of other sources are asked.
    pub fn source_of(row: &Value) -> Option<SourceId> {
        json::id(&row["source_id"]).and_then(SourceId::new)
    }

    /// Understands a row.
    pub fn parse(row: &Value) -> Result<Self> {
        Ok(Self {
            job_name: json::required(row, "job_name", "the name of a job", |name| {
                JobName::new(name.as_str()?.to_owned())
            })?,
            source_type: row["source_type"].as_str().or(row["tap_name"].as_str()).map(str::to_owned),
            start_time: json::time(row, "start_time")?,
            completion_time: json::time(row, "completion_time")?,
            phases: [
                Phase::parse(row, "discovery", "discovery_exit_status", "discovery_description")?,
                Phase::parse(row, "tap", "tap_exit_status", "tap_description")?,
                Phase::parse(row, "target", "target_exit_status", "target_description")?,
            ],
        })
    }

    /// When the job began: by its name, which is finer, or by `start_time`.
    pub fn began(&self) -> Option<Began> {
        self.job_name.began().or_else(|| self.start_time.map(|second| Began { second, nanos: 0 }))
    }

    /// How it stands. A phase that failed fails the job whether it is completed or not, and a job that is completed with a
    /// phase that has no status was terminated: waiting for that status would never end.
    pub fn standing(&self) -> Standing {
        if let Some(failed) = self.phases.iter().find(|phase| phase.failed()) {
            return Standing::Failed(failed.clone());
        }
        match (self.completion_time, self.phases.iter().find(|phase| phase.exit_status.is_none())) {
            (None, _) => Standing::Running,
            (Some(_), None) => Standing::Succeeded,
            (Some(_), Some(ended)) => Standing::Terminated(ended.description.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::row;
    use alloc::string::ToString;
    use serde_json::json;

    fn standing(changes: &Value) -> Standing {
        let mut row = row("116078.233312.sync.e4d8eae5-b23e-11ea-94a1-02cbbd504f7d");
        for (name, value) in changes.as_object().expect("an object") {
            row[name] = value.clone();
        }
        Extraction::parse(&row).expect("a row").standing()
    }

    #[test]
    fn it_succeeded_when_it_is_completed_and_all_statuses_are_0() {
        assert_eq!(standing(&json!({})), Standing::Succeeded);
        assert_eq!(standing(&json!({"completion_time": null})), Standing::Running);
    }

    #[test]
    fn the_first_phase_that_failed_is_the_one_to_blame() {
        for (changes, blamed) in [
            (json!({"discovery_exit_status": 1, "tap_exit_status": 2}), "discovery"),
            (json!({"tap_exit_status": -1, "target_exit_status": null}), "tap"),
            (json!({"target_exit_status": 137, "completion_time": null}), "target"),
        ] {
            assert!(matches!(standing(&changes), Standing::Failed(phase) if phase.name == blamed), "{changes}");
        }
    }

    #[test]
    fn completed_without_a_status_is_terminated_and_not_running() {
        let terminated = json!({
            "discovery_exit_status": null, "tap_exit_status": null, "target_exit_status": null,
            "discovery_description": "Terminated", "tap_description": "Terminated", "target_description": "Terminated",
        });
        assert_eq!(standing(&terminated), Standing::Terminated(Some("Terminated".to_owned())));
        assert_eq!(standing(&json!({"target_exit_status": null})), Standing::Terminated(None));
    }

    #[test]
    fn a_running_phase_is_running() {
        assert_eq!(standing(&json!({"completion_time": null, "tap_exit_status": null})), Standing::Running);
    }

    #[test]
    fn a_row_is_forgiven_what_is_optional_and_not_a_missing_status() {
        let mut row = json!({"job_name": "1.2.sync.x", "source_id": "2", "tap_name": "tap-x", "discovery_exit_status": null,
            "tap_exit_status": null, "target_exit_status": null, "tap_description": {"odd": 1}});
        let extraction = Extraction::parse(&row).expect("a row");
        assert_eq!(extraction.source_type.as_deref(), Some("tap-x"));
        assert_eq!(extraction.phases[1].description.as_deref(), Some(r#"{"odd":1}"#));
        for (field, value, problem) in [
            ("tap_exit_status", json!("0"), "tap_exit_status is not a whole number: \"0\""),
            ("tap_exit_status", json!(0.5), "tap_exit_status is not a whole number: 0.5"),
            ("start_time", json!("noon"), "start_time is not a time such as 2020-06-19T15:09:38Z: \"noon\""),
            ("job_name", json!(""), "job_name is not the name of a job: \"\""),
            ("job_name", json!(null), "job_name is missing"),
        ] {
            let mut row = row.clone();
            row[field] = value;
            assert_eq!(Extraction::parse(&row).expect_err(field).to_string(), problem);
        }
        row.as_object_mut().expect("an object").remove("tap_exit_status");
        assert_eq!(Extraction::parse(&row).expect_err("a missing status").to_string(), "tap_exit_status is missing");
    }
}
